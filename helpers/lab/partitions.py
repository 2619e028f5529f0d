"""The partition of a Region: aws, aws-cn, aws-us-gov, ...

Source: AWS General Reference, "Amazon Resource Names (ARNs)".
"""

from functools import lru_cache

from moto.utilities.utils import get_partition

# Partitions that moto does not know yet.
_NEW_PARTITIONS = {"eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f"}


@lru_cache(maxsize=256)
def partition_of(region: str) -> str:
    """The partition that ARNs of a Region begin with."""
    for prefix, partition in _NEW_PARTITIONS.items():
        if region.startswith(prefix):
            return partition
    return get_partition(region)
