"""Parameter Store as a moto service package: moto's, but a SecureString is encrypted by KMS."""
