"""One customer's statement of one month, out of the published version, in a form that can be sent."""
