"""Income and benefits: what a client lives on, and their health insurance, as answered on one day.

Each source of income is a yes or no with the monthly amount beside it; each insurance a yes or no with the
reason for the no. ADAP and Ryan White (W3) tell of HIV and are labelled.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, STAGE, UPDATED, personal


@strawberry.type(
    description="What a client answered about income, benefits and health insurance. "
    "HUD 4.02, 4.03, 4.04, P4, W3"
)
class IncomeAndBenefits:
    id: strawberry.ID | None = personal(Category.INCOME_BENEFITS, "Hub id of the answers")
    identifier: str | None = personal(
        Category.INCOME_BENEFITS, OWN_IDENTIFIER, hud="IncomeBenefits.IncomeBenefitsID"
    )
    information_date: datetime.date | None = personal(
        Category.INCOME_BENEFITS, "Day the answers were true", hud="IncomeBenefits.InformationDate"
    )
    data_collection_stage: codes.DataCollectionStage | None = personal(
        Category.INCOME_BENEFITS, STAGE, hud="IncomeBenefits.DataCollectionStage"
    )

    income_from_any_source: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS,
        "Whether the client has any income",
        hud="IncomeBenefits.IncomeFromAnySource",
    )
    total_monthly_income: Decimal | None = personal(
        Category.INCOME_BENEFITS, "Income in a month, in dollars", hud="IncomeBenefits.TotalMonthlyIncome"
    )
    earned_income: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Income from work", hud="IncomeBenefits.Earned"
    )
    earned_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS, "Dollars a month: income from work", hud="IncomeBenefits.EarnedAmount"
    )
    unemployment_insurance: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Unemployment insurance", hud="IncomeBenefits.Unemployment"
    )
    unemployment_insurance_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: unemployment insurance",
        hud="IncomeBenefits.UnemploymentAmount",
    )
    ssi: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Supplemental Security Income (SSI)", hud="IncomeBenefits.SSI"
    )
    ssi_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: Supplemental Security Income (SSI)",
        hud="IncomeBenefits.SSIAmount",
    )
    ssdi: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Social Security Disability Insurance (SSDI)", hud="IncomeBenefits.SSDI"
    )
    ssdi_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: Social Security Disability Insurance (SSDI)",
        hud="IncomeBenefits.SSDIAmount",
    )
    va_disability_service: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS,
        "VA compensation for a disability from service",
        hud="IncomeBenefits.VADisabilityService",
    )
    va_disability_service_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: VA compensation for a disability from service",
        hud="IncomeBenefits.VADisabilityServiceAmount",
    )
    va_disability_non_service: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS,
        "VA pension for a disability not from service",
        hud="IncomeBenefits.VADisabilityNonService",
    )
    va_disability_non_service_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: VA pension for a disability not from service",
        hud="IncomeBenefits.VADisabilityNonServiceAmount",
    )
    private_disability: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Private disability insurance", hud="IncomeBenefits.PrivateDisability"
    )
    private_disability_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: private disability insurance",
        hud="IncomeBenefits.PrivateDisabilityAmount",
    )
    workers_compensation: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Workers' compensation", hud="IncomeBenefits.WorkersComp"
    )
    workers_compensation_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: Workers' compensation",
        hud="IncomeBenefits.WorkersCompAmount",
    )
    tanf: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Temporary Assistance for Needy Families (TANF)", hud="IncomeBenefits.TANF"
    )
    tanf_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: Temporary Assistance for Needy Families (TANF)",
        hud="IncomeBenefits.TANFAmount",
    )
    general_assistance: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "General Assistance (GA)", hud="IncomeBenefits.GA"
    )
    general_assistance_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS, "Dollars a month: General Assistance (GA)", hud="IncomeBenefits.GAAmount"
    )
    social_security_retirement: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS,
        "Retirement income from Social Security",
        hud="IncomeBenefits.SocSecRetirement",
    )
    social_security_retirement_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: retirement income from Social Security",
        hud="IncomeBenefits.SocSecRetirementAmount",
    )
    pension: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Pension from a former job", hud="IncomeBenefits.Pension"
    )
    pension_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: pension from a former job",
        hud="IncomeBenefits.PensionAmount",
    )
    child_support: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Child support", hud="IncomeBenefits.ChildSupport"
    )
    child_support_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS, "Dollars a month: child support", hud="IncomeBenefits.ChildSupportAmount"
    )
    alimony: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Alimony or other spousal support", hud="IncomeBenefits.Alimony"
    )
    alimony_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: alimony or other spousal support",
        hud="IncomeBenefits.AlimonyAmount",
    )
    other_income: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Income from another source", hud="IncomeBenefits.OtherIncomeSource"
    )
    other_income_amount: Decimal | None = personal(
        Category.INCOME_BENEFITS,
        "Dollars a month: income from another source",
        hud="IncomeBenefits.OtherIncomeAmount",
    )
    other_income_described: str | None = personal(
        Category.INCOME_BENEFITS,
        "Which other source, in the words of staff",
        hud="IncomeBenefits.OtherIncomeSourceIdentify",
    )
    soar_connection: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS,
        "Whether SOAR helps the client to claim SSI or SSDI",
        hud="IncomeBenefits.ConnectionWithSOAR",
    )

    benefits_from_any_source: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS,
        "Whether the client has any non-cash benefit",
        hud="IncomeBenefits.BenefitsFromAnySource",
    )
    snap: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Food stamps (SNAP)", hud="IncomeBenefits.SNAP"
    )
    wic: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS,
        "Nutrition program for women, infants and children (WIC)",
        hud="IncomeBenefits.WIC",
    )
    tanf_child_care: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "TANF child care", hud="IncomeBenefits.TANFChildCare"
    )
    tanf_transportation: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "TANF transportation", hud="IncomeBenefits.TANFTransportation"
    )
    other_tanf: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Other help paid for by TANF", hud="IncomeBenefits.OtherTANF"
    )
    other_benefits: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Another non-cash benefit", hud="IncomeBenefits.OtherBenefitsSource"
    )
    other_benefits_described: str | None = personal(
        Category.INCOME_BENEFITS,
        "Which other benefit, in the words of staff",
        hud="IncomeBenefits.OtherBenefitsSourceIdentify",
    )

    insurance_from_any_source: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS,
        "Whether the client has any health insurance",
        hud="IncomeBenefits.InsuranceFromAnySource",
    )
    medicaid: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Medicaid", hud="IncomeBenefits.Medicaid"
    )
    no_medicaid_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS, "Why the client has no Medicaid", hud="IncomeBenefits.NoMedicaidReason"
    )
    medicare: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Medicare", hud="IncomeBenefits.Medicare"
    )
    no_medicare_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS, "Why the client has no Medicare", hud="IncomeBenefits.NoMedicareReason"
    )
    schip: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "State Children's Health Insurance (SCHIP)", hud="IncomeBenefits.SCHIP"
    )
    no_schip_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS, "Why the client has no SCHIP", hud="IncomeBenefits.NoSCHIPReason"
    )
    veterans_health: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS,
        "Health care of the Veterans Health Administration (VHA)",
        hud="IncomeBenefits.VHAServices",
    )
    no_veterans_health_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS, "Why the client has no VHA health care", hud="IncomeBenefits.NoVHAReason"
    )
    employer_insurance: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Insurance from an employer", hud="IncomeBenefits.EmployerProvided"
    )
    no_employer_insurance_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS,
        "Why the client has no employer insurance",
        hud="IncomeBenefits.NoEmployerProvidedReason",
    )
    cobra: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Insurance kept after a job (COBRA)", hud="IncomeBenefits.COBRA"
    )
    no_cobra_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS, "Why the client has no COBRA insurance", hud="IncomeBenefits.NoCOBRAReason"
    )
    private_insurance: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Insurance the client pays for", hud="IncomeBenefits.PrivatePay"
    )
    no_private_insurance_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS,
        "Why the client has no private insurance",
        hud="IncomeBenefits.NoPrivatePayReason",
    )
    state_insurance: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "State insurance for adults", hud="IncomeBenefits.StateHealthIns"
    )
    no_state_insurance_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS,
        "Why the client has no state insurance",
        hud="IncomeBenefits.NoStateHealthInsReason",
    )
    indian_health_services: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Indian Health Services", hud="IncomeBenefits.IndianHealthServices"
    )
    no_indian_health_services_reason: codes.NotInsuredReason | None = personal(
        Category.INCOME_BENEFITS,
        "Why the client has no Indian Health Services",
        hud="IncomeBenefits.NoIndianHealthServicesReason",
    )
    other_insurance: codes.NoYesMissing | None = personal(
        Category.INCOME_BENEFITS, "Another health insurance", hud="IncomeBenefits.OtherInsurance"
    )
    other_insurance_described: str | None = personal(
        Category.INCOME_BENEFITS,
        "Which other insurance, in the words of staff",
        hud="IncomeBenefits.OtherInsuranceIdentify",
    )

    adap: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS, "AIDS Drug Assistance Program (ADAP)", hud="IncomeBenefits.ADAP"
    )
    no_adap_reason: codes.NoMedicalAssistanceReason | None = personal(
        Category.INCOME_BENEFITS, "Why the client has no ADAP", hud="IncomeBenefits.NoADAPReason"
    )
    ryan_white: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS,
        "Medical or dental help funded by Ryan White",
        hud="IncomeBenefits.RyanWhiteMedDent",
    )
    no_ryan_white_reason: codes.NoMedicalAssistanceReason | None = personal(
        Category.INCOME_BENEFITS,
        "Why the client has no Ryan White help",
        hud="IncomeBenefits.NoRyanWhiteReason",
    )

    recorded_at: datetime.datetime | None = personal(
        Category.INCOME_BENEFITS, RECORDED, hud="IncomeBenefits.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.INCOME_BENEFITS, UPDATED, hud="IncomeBenefits.DateUpdated"
    )
