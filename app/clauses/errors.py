"""What the clause library refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class CodeNotPossible(DomainError):
    code = "text_code_not_possible"
    text = tr_noop(
        "“{code}” cannot be a code. Begin with a small letter; small letters, digits, “_” and single dots may follow."
    )


class CodeTaken(DomainError):
    code = "text_code_taken"
    text = tr_noop("“{code}” exists already. Open it and make a new version, or choose another code.")


class ConditionUnknown(DomainError):
    code = "clause_condition_unknown"
    text = tr_noop(
        "“{condition}” does not occur in a document of the kind “{kind}”. Leave it out, or leave out the kind."
    )


class ConditionsContradict(DomainError):
    code = "clause_conditions_contradict"
    text = tr_noop("{conditions} never hold together: the clause would never be printed. Leave one of them out.")


class TextMissingInLanguage(DomainError):
    code = "text_missing_in_language"
    text = tr_noop("The paper has both languages side by side. Write the {language} text as well.")


class PlaceholderUnknown(DomainError):
    code = "text_placeholder_unknown"
    text = tr_noop(
        "Character {position}: there is no placeholder “{placeholder}”. Choose one from the list (Ctrl+Space)."
    )


class PlaceholderMisspelt(DomainError):
    code = "text_placeholder_misspelt"
    text = tr_noop("Character {position}: there is no placeholder “{placeholder}”. Perhaps “{near}” is meant.")


class PlaceholderNotOfKind(DomainError):
    code = "text_placeholder_not_of_kind"
    text = tr_noop(
        "Character {position}: a document of the kind “{kind}” cannot fill “{placeholder}”. Take it out of the "
        "text, or leave out the kind."
    )


class BraceUnmatched(DomainError):
    code = "text_brace_unmatched"
    text = tr_noop(
        "Character {position}: this brace has no partner. A placeholder stands between two braces; a brace that is to "
        "be printed is written twice."
    )


class StarsUnmatched(DomainError):
    code = "text_stars_unmatched"
    text = tr_noop("Character {position}: these two stars have no partner. What is bold stands between ** and **.")


class EffectiveDaysWrong(DomainError):
    code = "text_effective_days_wrong"
    text = tr_noop("The last day cannot be before the first. Choose a later one, or none.")


class EffectiveDayPast(DomainError):
    code = "text_effective_day_past"
    text = tr_noop("A text counts from {today} at the earliest. Choose a later first day.")


class EffectiveDaysOver(DomainError):
    code = "text_effective_days_over"
    text = tr_noop("The last day of this text has passed. Reject it and draft a version with other days.")


class TextNotDraft(DomainError):
    code = "text_not_draft"
    text = tr_noop("A text that was proposed or approved is not edited any more. Make a new version from it.")


class ApprovalOfOwnText(DomainError):
    code = "approval_of_own_text"
    text = tr_noop("Texts are approved by somebody else than whoever drafted them. Ask a colleague who may.")


class ClauseStillNamed(DomainError):
    code = "clause_still_named"
    text = tr_noop("{templates} need this clause, and no other version of it would count. Approve another one first.")


class ClauseNeededForKind(DomainError):
    code = "clause_needed_for_kind"
    text = tr_noop(
        "“{template}” prints this clause, and it is not for “{kind}”. Tick that kind, or change the template first."
    )


class ClauseNotInForce(DomainError):
    code = "clause_not_in_force"
    text = tr_noop("No version of the clause {clause} counts on {day}. Approve one for that day, or take it out.")


class ClauseNotForKind(DomainError):
    code = "clause_not_for_kind"
    text = tr_noop(
        "The clause {clause} was not written for documents of the kind “{kind}”. Take it out, or make a version "
        "for them."
    )


class ClauseTwice(DomainError):
    code = "clause_twice_in_template"
    text = tr_noop("The clause {clause} stands in this template twice. Take one of them out.")


class TemplateEmpty(DomainError):
    code = "template_empty"
    text = tr_noop("A template needs an article with a clause. Add one.")


class ArticleIncomplete(DomainError):
    code = "template_article_incomplete"
    text = tr_noop("Article {number} needs a heading in both languages and a clause. Complete it, or take it out.")


class NoticeIncomplete(DomainError):
    code = "template_notice_incomplete"
    text = tr_noop("Notice {number} needs its text in both languages. Complete it, or take it out.")


class TermNotPossible(DomainError):
    code = "template_term_not_possible"
    text = tr_noop(
        "“{term}” cannot be a figure of the house: the name is taken, not a plain word, or the value is missing. "
        "Write it as name = value."
    )


class ClauseListNotReadable(DomainError):
    code = "clause_list_not_readable"
    text = tr_noop(
        "“{name}” is no list of clauses in JSON, or too long (at most 2,000 clauses, 4 MB). Choose a file that this "
        "page has saved, or one made like it."
    )


class ClauseColumnsMissing(DomainError):
    code = "clause_columns_missing"
    text = tr_noop("The list says nothing of {fields}. Say which of its entries stand for them, or complete the list.")


class ClauseTwiceInList(DomainError):
    code = "clause_twice_in_list"
    text = tr_noop("“{code}” stands in entry {line} already. Take one of them out.")


class ClauseUnchanged(DomainError):
    code = "clause_unchanged"
    text = tr_noop("This clause says the same here already. Leave it out.")
