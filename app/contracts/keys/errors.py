"""What is wrong with a key that somebody brings from a real authority, or with its certificates."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class KeyFileNotReadable(DomainError):
    code = "key_file_not_readable"
    text = tr_noop("“{name}” cannot be read as a PKCS#12 file (.p12, .pfx). Choose the file that the authority issued.")


class KeyPassphraseWrong(DomainError):
    code = "key_passphrase_wrong"
    text = tr_noop("The password does not open the file. Type it again as the authority gave it; mind capitals.")


class KeyFileWithoutKey(DomainError):
    code = "key_file_without_key"
    text = tr_noop(
        "The file holds no private key with its certificate. Have it exported again together with the private key."
    )


class KeyAlgorithmNotUsable(DomainError):
    code = "key_algorithm_not_usable"
    text = tr_noop(
        "Its key is of a kind that readers of PDF do not check ({algorithm}). Ask the authority for ECDSA on P-256 "
        "or P-384, or RSA of at least 2048 bits."
    )


class CertificateDigestWeak(DomainError):
    code = "certificate_digest_weak"
    text = tr_noop("The certificate is signed with {algorithm}, which is broken. Ask the authority for another one.")


class CertificateEnded(DomainError):
    code = "certificate_ended"
    text = tr_noop("The certificate ended on {day}. Ask the authority for a new one and import that.")


class CertificateNotBegun(DomainError):
    code = "certificate_not_begun"
    text = tr_noop("The certificate counts from {day} on. Import it then, or check the clock of this computer.")


class CertificateForOtherUse(DomainError):
    code = "certificate_for_other_use"
    text = tr_noop(
        "The certificate was not given out for signing documents (its uses: {uses}). Ask the authority for a "
        "certificate for electronic seals or signatures."
    )


class CertificateMayNotCertify(DomainError):
    code = "certificate_may_not_certify"
    text = tr_noop(
        "This certificate may sign, but not certify the keys of signers. Take it for the seal, or import one of a "
        "subordinate authority."
    )


class CertificateIsAuthority(DomainError):
    code = "certificate_is_authority"
    text = tr_noop(
        "This certificate is an authority's: it certifies others and seals nothing itself. Take it for the authority."
    )


class CertificateChainIncomplete(DomainError):
    code = "certificate_chain_incomplete"
    text = tr_noop(
        "The certificate of “{issuer}” is missing, so nobody can check what is sealed. Add the authority's "
        "certificates (PEM, DER or P7B), or have the file exported with its whole chain."
    )


class CertificatesNotReadable(DomainError):
    code = "certificates_not_readable"
    text = tr_noop("“{name}” holds no certificates (PEM, DER or P7B). Choose the file of the authority's certificates.")


class RevocationListsNotReadable(DomainError):
    code = "revocation_lists_not_readable"
    text = tr_noop(
        "“{name}” holds no list of revoked certificates (CRL as PEM or DER). Choose the file of the authority's list."
    )


class KeyAlreadyUsed(DomainError):
    code = "key_already_used"
    text = tr_noop("This desk signs with this certificate already. There is nothing to do.")


class SigningKeyUnusable(DomainError):
    code = "signing_key_unusable"
    text = tr_noop("The dealer's signing key cannot be used. Ask an administrator to set it up again.")


class SealCertificateRevoked(DomainError):
    code = "seal_certificate_revoked"
    text = tr_noop(
        "“{issuer}” has revoked the certificate of “{subject}” from {at} on ({reason}), so nothing is sealed with it. "
        "What was signed stays. An administrator imports another key under Signing keys, then seal again."
    )


class SealCertificateEnded(DomainError):
    code = "seal_certificate_ended"
    text = tr_noop(
        "The certificate of the seal ended on {day}, and only its authority can give another. An administrator imports "
        "a new one under Signing keys, then seal again."
    )
