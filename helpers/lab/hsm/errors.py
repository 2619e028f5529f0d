"""What the HSM refuses. The KMS room turns these into AWS's error codes."""


class HsmError(Exception):
    """Base of everything the HSM raises on purpose."""


class CiphertextInvalid(HsmError):
    """The ciphertext, or what it was bound to, is not what this key made."""


class SignatureInvalid(HsmError):
    """The signature does not belong to this message, key and algorithm."""


class MacInvalid(HsmError):
    """The MAC does not belong to this message and key."""


class PeerKeyInvalid(HsmError):
    """The other party's public key can't be read, or lies on another curve."""


class MaterialInvalid(HsmError):
    """Imported key material is not of the key's spec."""


class SpecUnavailable(HsmError):
    """No library in this environment implements the algorithm."""
