"""What contracts refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class ContractLocked(DomainError):
    code = "contract_locked"
    text = tr_noop("This contract is locked and cannot be edited. Draft a new version that replaces it.")


class ContractAlreadyUnderway(DomainError):
    code = "contract_already_underway"
    text = tr_noop("Contract {contract} over this order is already locked or signed. Void or decline it first.")


class AmendedContractEnded(DomainError):
    code = "amended_contract_ended"
    text = tr_noop(
        "Contract {number}, which this one amends, is by now “{state}”. Void this one and amend the contract in force."
    )


class AmendmentUnderway(DomainError):
    code = "amendment_underway"
    text = tr_noop("Amendment {contract} of this contract is being signed. Decline or void it first.")


class TerminationDayWrong(DomainError):
    code = "termination_day_wrong"
    text = tr_noop("A contract ends between the day it was sealed, {first}, and today. Correct the day.")


class AgreedOtherwise(DomainError):
    code = "termination_agreed_otherwise"
    text = tr_noop("The parties signed termination agreement {number}, which says otherwise. Take what it says, or "
                   "void it first.")


class OrderNotConfirmed(DomainError):
    code = "order_not_confirmed"
    text = tr_noop("This order is still in review ({state}). Have it confirmed, then draft the contract.")


class DeliveryDayMissing(DomainError):
    code = "delivery_day_missing"
    text = tr_noop("A contract names the day of delivery. Enter it on the order first.")


class ContractOutdated(DomainError):
    code = "contract_outdated"
    text = tr_noop(
        "The order or the texts of the house changed since this contract was drafted. Draft it again, then lock it."
    )


class ShownDocumentDiffers(DomainError):
    code = "shown_document_differs"
    text = tr_noop("This is not the document that was shown. Open the contract again and look at the present one.")


class SignatureAlreadyGiven(DomainError):
    code = "signature_already_given"
    text = tr_noop("{signer} has already signed for this party. The other party signs next.")


class ClausesNotAcknowledged(DomainError):
    code = "clauses_not_acknowledged"
    text = tr_noop("These clauses limit the customer's rights and are not yet acknowledged: {clauses}.")


class ClauseUnknown(DomainError):
    code = "clause_unknown"
    text = tr_noop("There is no clause “{clause}” to acknowledge in this contract. Open it again.")


class SealOutdated(DomainError):
    code = "seal_outdated"
    text = tr_noop("The contract changed while it was being sealed. Seal it again.")


class SealNotIntact(DomainError):
    code = "seal_not_intact"
    text = tr_noop("The sealed document did not pass its own check ({finding}). Nothing was stored; report this.")


class DocumentDestroyed(DomainError):
    code = "document_destroyed"
    text = tr_noop("This document was destroyed after its time of keeping. The destruction lists say when and by whom.")


class SigningKeyMissing(DomainError):
    code = "signing_key_missing"
    text = tr_noop("This desk has no signing key. Ask an administrator to set up the dealer's seal.")


class DocumentTooLarge(DomainError):
    code = "document_too_large"
    text = tr_noop("This file has {size} MB; a contract has at most {limit} MB. Choose the contract itself.")


class PartyNotInDocument(DomainError):
    code = "party_not_in_document"
    text = tr_noop("Nobody signs this kind of document as “{role}”. Take that party out.")


class PartyNumberWrong(DomainError):
    code = "party_number_wrong"
    text = tr_noop("As “{role}” {least} to {most} sign this document. Add or take out a party.")


class TooManySigners(DomainError):
    code = "too_many_signers"
    text = tr_noop("At most {limit} people sign one document, the dealer among them. Take a party out.")


class PartyOutOfTurn(DomainError):
    code = "party_out_of_turn"
    text = tr_noop("The parties sign in their order; “{role}” signs next.")


class PartyNotAwaited(DomainError):
    code = "party_not_awaited"
    text = tr_noop("This party is not waited for: {name} has already signed or declined. Open the contract again.")


class RepresentativeMissing(DomainError):
    code = "representative_missing"
    text = tr_noop("A company signs through a person. Enter who signs for {name}.")


class PartyTwice(DomainError):
    code = "party_twice"
    text = tr_noop("{name} is already a party of this contract. Nobody signs twice.")


class SigningPeriodOver(DomainError):
    code = "signing_period_over"
    text = tr_noop("The time for signing ended on {day}. Draft a new contract that replaces this one.")


class BuyerUnderAge(DomainError):
    code = "buyer_under_age"
    text = tr_noop("{name} is under 18 and cannot buy alone. A parent or guardian has to be the buyer.")


class PhotoConsentMissing(DomainError):
    code = "photo_consent_missing"
    text = tr_noop("A photo of the document needs the customer's separate consent. Ask for it, or go on without.")


class AddressMissing(DomainError):
    code = "address_missing"
    text = tr_noop("{name} has no address for this way on the contract. Choose the other way, or enter one.")


class CodeTooSoon(DomainError):
    code = "code_too_soon"
    text = tr_noop("A code has just been sent there. Wait {seconds} s before sending another one.")


class TooManyCodes(DomainError):
    code = "too_many_codes"
    text = tr_noop("Too many codes were sent within the last hour. Try again later, or check the document instead.")


class CodeNotOpen(DomainError):
    code = "code_not_open"
    text = tr_noop("There is no code to enter: it is used up or older than {minutes} minutes. Send a new one.")


class IdentityNotAwaited(DomainError):
    code = "identity_not_awaited"
    text = tr_noop("The contract is “{state}”: nobody's identity is checked any more. Open it again.")


class PhoneVisitWrong(DomainError):
    code = "phone_visit_wrong"
    text = tr_noop("What the phone sent does not fit together. Show the document here, or ask for a new QR code.")


class PhoneNotOffered(DomainError):
    code = "phone_not_offered"
    text = tr_noop("This cannot be signed on a phone: nobody but the dealer is waited for. Sign here.")


class ContractTotalsDisagree(DomainError):
    code = "contract_totals_disagree"
    text = tr_noop("The items add up to {sum}, the contract says {total}. Open the order and check its items.")
