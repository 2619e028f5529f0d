"""Run every benchmark, print name, ratio and target, and write the same as JSON.

    python -m benchmarks [--json FILE] [name ...]

Every number is a ratio of two things measured alternately in this run, so that a slow or busy
machine slows both. A target that is missed is measured again, twice at most: what the machine did
besides does not repeat, what the lab does, does. Exits with 1 if a target is missed each time.
"""

import argparse
import json
import sys
from pathlib import Path

from . import envelopes, kernels, objects, operations, pictures, policies, server, startup

BENCHMARKS = {
    **operations.BENCHMARKS,
    **policies.BENCHMARKS,
    **objects.BENCHMARKS,
    **envelopes.BENCHMARKS,
    **pictures.BENCHMARKS,
    **server.BENCHMARKS,
    **startup.BENCHMARKS,
    **kernels.BENCHMARKS,
}

TRIES = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    parser.add_argument("names", nargs="*", help="run only these")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(
            f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}"
        )
    results = []
    for name in arguments.names or BENCHMARKS:
        benchmark = BENCHMARKS[name]
        ratio = benchmark.measure()
        for _ in range(TRIES - 1):
            if ratio > benchmark.target:
                ratio = min(ratio, benchmark.measure())
        result = {
            "name": name,
            "what": benchmark.what,
            "ratio": round(ratio, 3),
            "target": benchmark.target,
            "met": ratio <= benchmark.target,
            "notes": benchmark.notes,
        }
        results.append(result)
        verdict = "ok    " if result["met"] else "MISSED"
        what = "; ".join((benchmark.what, *benchmark.notes))
        print(f"{verdict} {ratio:6.2f} (at most {benchmark.target:.2f})  {what}", flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    missed = [result["name"] for result in results if not result["met"]]
    print(
        f"{len(results) - len(missed)} of {len(results)} targets met; written to {arguments.json}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
