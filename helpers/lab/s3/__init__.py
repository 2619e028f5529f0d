"""S3 where it differs from moto: objects are encrypted at rest, by KMS's keys or S3's own."""
