"""From which server version on a field of an order is on the wire; names as in IB's client."""

from __future__ import annotations

DURATION = 158
POST_TO_ATS = 160
AUTO_CANCEL_PARENT = 162
ADVANCED_ORDER_REJECT = 166
MANUAL_ORDER_TIME = 169
PEG_OFFSETS = 170
#: The advisor's profile is gone from this version on.
NO_FA_PROFILE = 177
PENDING_PRICE_REVISION = 178
CUSTOMER_ACCOUNT = 183
PROFESSIONAL_CUSTOMER = 184
BOND_ACCRUED_INTEREST = 185
#: Fields of a request for quotes came, and went again.
RFQ_FIELDS = 187
INCLUDE_OVERNIGHT = 189
NO_RFQ_FIELDS = 190
CME_TAGGING = 192
CME_TAGGING_IN_OPEN_ORDER = 193
FULL_ORDER_PREVIEW = 195
SUBMITTER = 198
IMBALANCE_ONLY = 199
DAYS_OF_EXECUTIONS = 200
