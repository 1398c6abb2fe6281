"""The nouns of the house, as frozen values. Imports nothing of ours; everything imports this.

Read in this order: `scales` (the words for kinds and degrees), `feed`, `article`, `mission`,
`assessment`, `incident`, `delivery`, `errors`.
"""
