"""Which permission an operation needs, and on what, where it isn't just its key.

Source: KMS API reference, "Required permissions" and "Cross-account use" of each operation.
"""

# IAM policies decide alone: there is no key yet, or the operation is about the account.
IDENTITY_ONLY_ACTIONS = frozenset(
    (
        "kms:CreateKey",
        "kms:GenerateRandom",
        "kms:ListAliases",
        "kms:ListKeys",
        "kms:ListRetirableGrants",
        "kms:ConnectCustomKeyStore",
        "kms:CreateCustomKeyStore",
        "kms:DeleteCustomKeyStore",
        "kms:DescribeCustomKeyStores",
        "kms:DisconnectCustomKeyStore",
        "kms:UpdateCustomKeyStore",
    )
)

# Two decisions (UpdateAlias: three): the alias, with key_policy=None, then each key.
ALIAS_ACTIONS = frozenset(("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"))

# Which operations work on a key of another account, by their names in kms:... actions.
CROSS_ACCOUNT_OPERATIONS = frozenset(
    (
        "CreateGrant",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    )
)
