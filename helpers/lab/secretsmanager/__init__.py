"""Secrets Manager as a moto service package: moto's, but encrypted at rest by KMS."""
