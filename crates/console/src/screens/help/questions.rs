//! Questions that administrators ask about provisioning.

/// A question and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What is asked.
    pub asked: &'static str,
    /// The answer.
    pub answer: &'static str,
    /// Whether it speaks of groups, which an account may not take.
    pub is_about_groups: bool,
}

const fn about_all(asked: &'static str, answer: &'static str) -> Question {
    Question { asked, answer, is_about_groups: false }
}

/// All of them, in the order of the page.
pub const QUESTIONS: &[Question] = &[
    about_all(
        "Which version of SCIM is spoken?",
        "SCIM 2.0, as RFC 7643 and RFC 7644 describe it: what nearly every identity provider speaks today. Some older systems still send \
        SCIM \
         1.1; requests with its schema names are refused with 400 `invalidSyntax`",
    ),
    about_all(
        "What travels between the identity provider and this account?",
        "Users: who they are, whether they are enabled, and which roles they have, as JSON over HTTPS. The identity provider sends, this \
         account answers",
    ),
    Question {
        asked: "Are groups provisioned, too?",
        answer: "Yes: groups and their members, next to users. Who manages a group is shown beside its name",
        is_about_groups: true,
    },
    about_all(
        "How does SCIM differ from SAML and OAuth?",
        "SCIM is about the lifecycle of identities: it makes, changes and disables users before anybody signs in. SAML and OpenID Connect \
        are \
         about authentication, OAuth about authorisation: they say who signs in now and what a program may do. They complement each other",
    ),
    about_all(
        "Do I need SCIM when I have SAML?",
        "They are best used together: SCIM keeps the data of users current, also of those who left and never sign in again; SAML gives \
        them \
         secure access",
    ),
    about_all(
        "How does SCIM differ from LDAP?",
        "LDAP is a protocol for querying a directory, mostly one in your own network. SCIM is RESTful and made for the cloud and for \
        exchange \
         across domains: changes are sent to each application as they happen",
    ),
    about_all(
        "When do I use SCIM instead of LDAP?",
        "Use SCIM for automated provisioning into cloud services, and LDAP where programs in your own network look people up",
    ),
    about_all(
        "Why SCIM and not the vendor’s own API?",
        "SCIM is a standard and easier to integrate: what was set up for one application works for the next. A vendor’s API may be more \
         flexible, but needs custom work for each integration",
    ),
    about_all(
        "Is SCIM all that identity management needs?",
        "No. It is one component, user provisioning, of a strategy for identity and access management; sign-in, access reviews and the \
        rest \
         stand beside it",
    ),
    about_all(
        "May one identity provider provision and another one sign people in?",
        "It is possible, and not commonly recommended: most use one for both. The identifiers must match: what the second one asserts at \
         sign-in has to be the `userName` or `externalId` that the first one provisioned, or people cannot sign in. And it raises \
         complexity: audit trails and compliance then span two systems",
    ),
    about_all(
        "Somebody’s e-mail address was changed here. What now?",
        "The identity provider may not recognise the person any more. Change the address back, or delete the user here, so that the next \
        cycle \
         makes the user again under the address that the identity provider has",
    ),
    about_all(
        "The identity provider says that an attribute is refused.",
        "The account’s policy takes some attributes only. Remove the other mappings at the identity provider, or let the policy ignore \
        them; \
         what is pending succeeds in the next cycle",
    ),
];
