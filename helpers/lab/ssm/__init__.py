"""Parameter Store as a moto service package: moto's, but a SecureString is encrypted by KMS."""

from ..without_ec2 import import_ssm

import_ssm()  # before anything else imports moto.ssm
