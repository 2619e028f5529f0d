"""What the lab does not do, in words, and the tests that show it."""

from typing import NamedTuple

LIMITS = "tests/fidelity/test_limits.py"
AUTHORIZATION = "tests/lab/kms/test_authorization.py"
MODEL = "tests/lab/kms/test_model.py"


class Limit(NamedTuple):
    """A difference from AWS, and the test that shows it, where one can."""

    text: str
    test: str = ""


# heading -> limits
NOT_IN_THE_LAB: dict[str, list[Limit]] = {
    "Keys": [
        Limit(
            "It is no HSM. Key material is in the memory of a Python process, and gone with it. "
            "Encrypt nothing with it that is worth keeping secret."
        ),
        Limit(
            "`SM2` and `ML_KEM_512` keys and data key pairs can't be made: the cryptography "
            "package does not have the algorithms.",
            f"{MODEL}::test_key_spec_with_every_usage",
        ),
        Limit(
            "Custom key stores can't be made. An account has none, and the answers are those of "
            "such an account.",
            "tests/lab/kms/test_key_stores.py::test_none_can_be_made",
        ),
        Limit(
            "Attestation documents (`Recipient`, for Nitro Enclaves and NitroTPM) are always "
            "refused.",
            f"{MODEL}::test_recipient_is_refused",
        ),
        Limit(
            "Keys can't be shared through AWS RAM.",
            f"{MODEL}::test_owners_of_listed_keys",
        ),
        Limit(
            "Ciphertext blobs, import tokens and grant tokens have a format of the lab's own, for "
            "AWS does not publish its formats: neither reads the other's. Key IDs and key "
            "material IDs look like those of AWS, and with a seed they repeat."
        ),
    ],
    "Time and limits": [
        Limit("Request quotas are not enforced: nothing is throttled."),
        Limit(
            "A key's aliases, tags, grants, on-demand rotations and the length of its policy are "
            "limited; the number of keys in a Region is not."
        ),
        Limit(
            "Grants, key policies and IAM policies take effect at once. On AWS it takes a while, "
            "of a grant usually less than five minutes; the grant token bridges that.",
            "tests/lab/kms/test_key_policies.py::test_a_policy_takes_effect_at_once",
        ),
        Limit(
            "Nothing takes time but what waits by its nature. A key is deleted on the second (on "
            "AWS up to a day later), a rotation on demand is done when the call returns, and the "
            "states `Creating` and `Updating` don't occur.",
            f"{LIMITS}::test_replicas_and_rotations_are_there_at_once",
        ),
    ],
    "Who calls": [
        Limit(
            "Signatures of requests are not verified; any secret key will do. An access key that "
            "the lab's IAM and STS did not issue is that of the account's administrator. There "
            "is no root user.",
            f"{AUTHORIZATION}::test_keys_that_nobody_issued_are_the_administrators",
        ),
        Limit(
            "`AssumeRole` is moto's: the role's trust policy is not asked.",
            f"{LIMITS}::test_any_trust_policy_will_do",
        ),
        Limit(
            "A session of a role that does not exist is the administrator of the role's account. "
            "That is the way into another account.",
            f"{AUTHORIZATION}::test_the_way_into_another_account",
        ),
        Limit(
            "`GetFederationToken` heeds an inline `Policy`, and neither `PolicyArns` nor `Tags`.",
            f"{LIMITS}::test_federation_heeds_an_inline_policy_only",
        ),
        Limit(
            "Temporary credentials don't expire.",
            f"{LIMITS}::test_sessions_do_not_expire",
        ),
        Limit(
            "Service control policies, resource control policies and VPC endpoint policies are "
            "not asked. Key policies, IAM policies, permissions boundaries, session policies and "
            "grants are.",
            f"{LIMITS}::test_a_service_control_policy_denies_nothing",
        ),
        Limit(
            "A deleted role or user stays in a key policy by its ARN, and a new one of the same "
            "name has the old one's access. AWS shows the unique ID instead, and lets nobody in.",
            f"{LIMITS}::test_a_deleted_principal_stays_by_its_name",
        ),
        Limit(
            "`aws:SourceIp` is always 192.0.2.1. Requests have no `aws:SourceVpce` and no "
            "`aws:PrincipalOrgID`, and nobody has used a multi-factor device.",
            f"{LIMITS}::test_what_conditions_can_see",
        ),
    ],
    "Other services": [
        Limit(
            "All services but S3, Secrets Manager and Parameter Store are moto's own: they call no "
            "KMS operation.",
        ),
        Limit(
            "How S3 stores bytes and wraps keys inside is not published; the lab has a format of "
            "its own. How long a bucket key lives is not published either; here five minutes.",
            "tests/lab/s3/test_bucket_keys.py::test_they_live_for_a_while",
        ),
        Limit(
            "Of S3's permissions, bucket policies and IAM are asked, access points, object "
            "ownership and Block Public Access are not; of ACLs only whether an object is public. "
            "Presigned URLs don't expire.",
            f"{LIMITS}::test_what_s3_does_not_ask",
        ),
        Limit(
            "S3 does not insist on HTTPS: the lab's server speaks HTTP, and takes it for TLS.",
            "tests/lab/server/test_aws_cli_s3.py::test_a_presigned_url",
        ),
        Limit(
            "Directory buckets, replication, inventories and batch jobs don't encrypt by KMS; S3 "
            "in the event history has the calls that it made to KMS, and none of its own.",
            f"{LIMITS}::test_the_event_history_is_of_kms_only",
        ),
        Limit(
            "On AWS the staged versions of a secret that moved to another KMS key can still be "
            "decrypted with the previous one too. Here they lie under the new key alone.",
            "tests/lab/secretsmanager/test_secretsmanager.py"
            "::test_a_new_key_takes_the_staged_versions_along",
        ),
        Limit(
            "Of Systems Manager, permissions are asked for Parameter Store only. Parameters are "
            "not shared between accounts, `AllowedPattern` is not looked at, and the types of a "
            "parameter's versions may differ.",
            f"{LIMITS}::test_what_parameter_store_does_not_look_at",
        ),
        Limit(
            "How Parameter Store tells errors of KMS was recorded for standard parameters. Those "
            "of advanced ones read the same here. Which algorithm suite of the AWS Encryption SDK "
            "an advanced parameter lies under, AWS does not say; here it is 0x0478.",
            "tests/lab/server/test_parameter_store.py"
            "::test_the_encryption_sdk_opens_an_advanced_parameter",
        ),
        Limit(
            "Rotation functions are not run, and none is due by itself: RotateSecret leaves a "
            "version `AWSPENDING` without a value. What the function does is left to you.",
            "tests/lab/secretsmanager/test_secretsmanager.py"
            "::test_rotation_makes_no_data_key_by_itself",
        ),
        Limit(
            "A replica of a secret has its value at once, encrypted for whoever wrote it. It "
            "can't be promoted (`StopReplicationToReplica`).",
            f"{LIMITS}::test_replicas_of_secrets_are_there_at_once",
        ),
        Limit(
            "Of CloudTrail there is `LookupEvents`, with the events of KMS and of no other "
            "service. An event is there at once. Trails are moto's, and deliver nothing.",
            f"{LIMITS}::test_the_event_history_is_of_kms_only",
        ),
        Limit("There are no CloudWatch metrics, and no bill."),
    ],
    "Words": [
        Limit(
            "Codes of errors are those of the API reference. Their texts are AWS's where an "
            "answer of AWS was recorded, and the lab's own elsewhere."
        ),
    ],
}
