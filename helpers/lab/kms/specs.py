"""Which key spec may be used for what, and with which algorithms.

Source: KMS Developer Guide, "Key spec reference"; the enums of botocore's service model.
"""

SYMMETRIC = "SYMMETRIC_DEFAULT"

ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
SIGN_VERIFY = "SIGN_VERIFY"
GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"
KEY_AGREEMENT = "KEY_AGREEMENT"
ENCAPSULATE_DECAPSULATE = "ENCAPSULATE_DECAPSULATE"

# The member of KeyMetadata that lists a key's algorithms.
ALGORITHMS_MEMBER = {
    ENCRYPT_DECRYPT: "EncryptionAlgorithms",
    SIGN_VERIFY: "SigningAlgorithms",
    GENERATE_VERIFY_MAC: "MacAlgorithms",
    KEY_AGREEMENT: "KeyAgreementAlgorithms",
    ENCAPSULATE_DECAPSULATE: "EncapsulationAlgorithms",
}

_RSA = {
    ENCRYPT_DECRYPT: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    SIGN_VERIFY: [
        "RSASSA_PKCS1_V1_5_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_384",
        "RSASSA_PKCS1_V1_5_SHA_512",
        "RSASSA_PSS_SHA_256",
        "RSASSA_PSS_SHA_384",
        "RSASSA_PSS_SHA_512",
    ],
}
_ML_DSA = {SIGN_VERIFY: ["ML_DSA_SHAKE_256"]}
_ML_KEM = {ENCAPSULATE_DECAPSULATE: ["ML_KEM"]}


def _nist_curve(bits: int) -> dict[str, list[str]]:
    return {SIGN_VERIFY: [f"ECDSA_SHA_{bits}"], KEY_AGREEMENT: ["ECDH"]}


# key spec -> key usage -> algorithms
KEY_SPECS: dict[str, dict[str, list[str]]] = {
    SYMMETRIC: {ENCRYPT_DECRYPT: [SYMMETRIC]},
    "HMAC_224": {GENERATE_VERIFY_MAC: ["HMAC_SHA_224"]},
    "HMAC_256": {GENERATE_VERIFY_MAC: ["HMAC_SHA_256"]},
    "HMAC_384": {GENERATE_VERIFY_MAC: ["HMAC_SHA_384"]},
    "HMAC_512": {GENERATE_VERIFY_MAC: ["HMAC_SHA_512"]},
    "RSA_2048": _RSA,
    "RSA_3072": _RSA,
    "RSA_4096": _RSA,
    "ECC_NIST_P256": _nist_curve(256),
    "ECC_NIST_P384": _nist_curve(384),
    "ECC_NIST_P521": _nist_curve(512),
    "ECC_SECG_P256K1": {SIGN_VERIFY: ["ECDSA_SHA_256"]},
    "ECC_NIST_EDWARDS25519": {SIGN_VERIFY: ["ED25519_SHA_512", "ED25519_PH_SHA_512"]},
    "ML_DSA_44": _ML_DSA,
    "ML_DSA_65": _ML_DSA,
    "ML_DSA_87": _ML_DSA,
    "ML_KEM_512": _ML_KEM,
    "ML_KEM_768": _ML_KEM,
    "ML_KEM_1024": _ML_KEM,
    "SM2": {
        ENCRYPT_DECRYPT: ["SM2PKE"],
        SIGN_VERIFY: ["SM2DSA"],
        KEY_AGREEMENT: ["ECDH"],
    },
}

CHINA_ONLY = {"SM2"}
NOT_IN_CHINA = {"ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"}


def kind(key_spec: str) -> str:
    """Symmetric, HMAC or asymmetric: an alias can only move between keys of one kind."""
    if key_spec == SYMMETRIC:
        return "symmetric"
    return "HMAC" if key_spec.startswith("HMAC_") else "asymmetric"
