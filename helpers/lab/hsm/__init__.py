"""A hardware security module in software: key material, ciphertext, signatures.

Pure cryptography after "AWS KMS Cryptographic Details": this room imports the
``cryptography`` package and the standard library (and PyNaCl for Ed25519ph, which
``cryptography`` does not have). It knows nothing of moto, HTTP, accounts or policies.
"""
