"""Failing on purpose: a block that must raise exactly one AWS error."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import ClientError

from .own_account.state import acting


@dataclass
class ExpectedError:
    """What was raised, for the cells below the block."""

    code: str = ""
    message: str = ""
    operation: str = ""
    http_status: int = 0


@contextmanager
def expect_error(code: str) -> Iterator[ExpectedError]:
    """Pass only if the block raises the AWS error ``code``, and show it in one line.

    Raises AssertionError if no error comes, or another one. In your own account, where no time is
    skipped and others may have set limits, it shows what came instead.
    """
    caught = ExpectedError()
    try:
        yield caught
    except ClientError as error:
        detail = error.response["Error"]
        if detail["Code"] != code and acting():
            print(f"In the lab this ends with {code}. Your account answered:")
        elif detail["Code"] != code:
            raise AssertionError(
                f"expected {code}, but {error.operation_name} raised {detail['Code']}: "
                f"{detail.get('Message') or '(no message)'}"
            ) from None
        caught.code, caught.message = detail["Code"], detail.get("Message", "")
        caught.operation = error.operation_name
        caught.http_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        print(f"✗ {caught.operation} → {caught.code}: {caught.message or '(no message)'}")
    else:
        if acting():
            print(f"In the lab this ends with {code}. In your account no error came.")
            caught.code = "no error"
            return
        raise AssertionError(f"expected {code}, but no error was raised")
