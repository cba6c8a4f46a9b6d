"""What is wrong with a template, or with choosing one."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class ContractTemplateNotFound(DomainError):
    code = "contract_template_not_found"
    text = tr_noop("There is no contract template {template}. Choose another template or ask an administrator.")


class ContractTemplateFaulty(DomainError):
    """The template's own text is wrong: an unknown condition, a clause without one language, a double name."""

    code = "contract_template_faulty"
    text = tr_noop("Contract template {template} is faulty: {detail}. Ask an administrator to correct it.")


class ContractPlaceholderUnknown(DomainError):
    code = "contract_placeholder_unknown"
    text = tr_noop(
        "Contract clause {clause} asks for “{placeholder}”, which no sale provides. "
        "Ask an administrator to correct the template."
    )


class ContractPlaceholderEmpty(DomainError):
    code = "contract_placeholder_empty"
    text = tr_noop("The contract needs “{placeholder}” (clause {clause}). Fill it in on the order first.")


class TemplateNotApplicable(DomainError):
    code = "contract_template_not_applicable"
    text = tr_noop("This text does not apply to what is drafted here. Choose another one, or let the records choose.")
