"""Where exports of rates, quotas, adjustments and purchases are delivered, and how each begins."""

from __future__ import annotations

RATES = "billing/rates/"
QUOTAS = "billing/quotas/"
ADJUSTMENTS = "billing/adjustments/"
PURCHASES = "billing/purchases/"
RATE = "tenantId,kind,pricePerCredit,currency\n"
RATE_WINDOW = "tenantId,kind,pricePerCredit,currency,validFrom,validTo\n"
QUOTA = "tenantId,userId,kind,period,credits,warnAt\n"
QUOTA_WINDOW = "tenantId,userId,kind,period,credits,validFrom,validTo\n"
ADJUSTMENT = "adjustmentId,tenantId,userId,credits,effectiveDate,reason\n"
PURCHASE = "purchaseId,credits,purchasedAt,expiresAt,pricePerCredit,currency,environment,cortiTenant\n"
