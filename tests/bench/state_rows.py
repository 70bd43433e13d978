"""The rows of a made state, a query a HUD file, over the facts of `state.py`: what is not named is null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hmis.measures.days import number

END = date(2026, 9, 30)
YEARS = 7
LAST, FIRST = number(END), number(date(END.year - YEARS, 10, 1))
"""Days as numbers."""

OF_PROJECTS: Mapping[str, str] = {
    "Organization": """
        select source_id, concat('o', site) as id, concat('o', site) as organization_id,
               concat('Organization ', site) as organization_name, is_vsp::int as victim_service_provider
        from site""",
    "Project": f"""
        select source_id, concat('p', site) as id, concat('p', site) as project_id,
               concat('o', site) as organization_id, concat('Project ', site) as project_name,
               {FIRST} - 4000 as operating_start_date,
               case when often(site, 'closed', 6) then {LAST} - 500 end as operating_end_date,
               case when often(site, 'no continuum', 3) then 0 else 1 end as continuum_project, project_type,
               case when project_type in (3, 9, 10, 13) then 3 when project_type in (0, 1, 2, 8) then 1 end
                   as housing_type,
               case when project_type = 13 then case when often(site, 'ssonly', 12) then 1 else 2 end end
                   as rrh_sub_type,
               case when project_type = 6 then 0 end as residential_affiliation, 4 as target_population,
               chance(site, 'pit') % 90 as pit_count
        from site""",
    "ProjectCoC": """
        select source_id, concat('pc', site) as id, concat('p', site) as project_id, coc as coc_code,
               '250000' as geocode, 1 as geography_type
        from site""",
    "Inventory": f"""
        select source_id, concat('i', site * 4 + kind) as id, concat('p', site) as project_id,
               coc as coc_code, case kind when 0 then 1 when 1 then 3 else 4 end as household_type,
               case when project_type in (0, 1) then 1 end as availability,
               5 + chance(site, kind::varchar) % 30 as unit_inventory,
               10 + chance(site, kind::varchar) % 80 as bed_inventory,
               10 + chance(site, kind::varchar) % 80 as other_bed_inventory,
               case when project_type in (0, 1) then 1 end as es_bed_type,
               {FIRST} - 3000 + 500 * kind as inventory_start_date,
               case when often(site, 'beds end', 10) then {LAST} - 200 end as inventory_end_date
        from site, range(2) t(kind) where project_type in (0, 1, 2, 3, 8, 9, 10, 13)""",
    "HMISParticipation": f"""
        select source_id, concat('hp', site) as id, concat('p', site) as project_id,
               case when often(site, 'outside', 4) then 0 else 1 end as hmis_participation_type,
               {FIRST} - 3000 as hmis_participation_status_start_date,
               case when often(site, 'ends', 5) then {LAST} - 300 end as hmis_participation_status_end_date
        from site""",
    "Funder": f"""
        select source_id, concat('f', site) as id, concat('p', site) as project_id,
               case when project_type in (3, 9, 10) then 2 when project_type = 13 then 3 when project_type = 2
                    then 5 when project_type = 4 then 21 when often(site, 'coc', 30) then 4 else 46 end
                   as funder,
               {FIRST} - 2000 as start_date,
               case when often(site, 'grant ends', 10) then {LAST} - 400 end as end_date
        from site""",
}

OF_PEOPLE: Mapping[str, str] = {
    "Client": f"""
        select source_id, concat(source_id, personal_id) as id, personal_id,
               case when often(human, 'no dob', 1.5) then null when often(human, 'dob to come', 0.1)
                    then {LAST} + 900 else first - age * 365 - chance(human, 'day') % 365 end as dob,
               case when often(human, 'no dob', 1.5) then 99 when often(human, 'dob about', 2) then 2 else 1
               end as dob_data_quality,
               case when often(human, 'name', 2) then 99 when often(human, 'name', 4) then 2 else 1 end
                   as name_data_quality,
               case when often(human, 'ssn', 10) then 9 when often(human, 'ssn', 20) then 2 else 1 end
                   as ssn_data_quality,
               case when often(human, 'no sex', 1) then 99 else chance(human, 'sex') % 2 end as sex,
               often(human, 'aian', 4)::int as am_ind_ak_native, often(human, 'asian', 2)::int as asian,
               often(human, 'black', 35)::int as black_af_american,
               often(human, 'latino', 20)::int as hispanic_latinao,
               often(human, 'mena', 1)::int as mid_east_n_african,
               often(human, 'pacific', 1)::int as native_hi_pacific, often(human, 'white', 48)::int as white,
               case when often(human, 'no race', 2) then 99 end as race_none,
               case when age < 18 then 99 else often(human, 'veteran', 8)::int end as veteran_status,
               first + chance(human, 'made') % 4 as date_created,
               not often(human, 'no name', 0.5) as first_name_given,
               not often(human, 'no name', 0.7) as last_name_given, not often(human, 'ssn', 12) as ssn_given,
               not often(human, 'ssn', 15) as ssn_usable,
               case when source_id = 1 or often(human, 'linked', 92) then concat('person-', human)
                    when often(human, 'linked', 97) then concat('person-', human, '-', source_id) end
                   as person_id
        from (select source_id, personal_id, any_value(human) as human, any_value(age) as age,
                     min(entry) as first from stay group by all)""",
}

_INCOME = """
    select stay, source_id, enrollment_id, entry as asked_on, 1 as stage from stay where age >= 18
    union all
    select stay, source_id, enrollment_id, entry + 365 * year + (chance(stay, 'late') % 70 - 35)::int, 5
    from stay, range(1, 8) t(year)
    where age >= 18 and entry + 365 * year < least(exit, {last})
      and not often(stay * 8 + year, 'no annual', 15)
    union all
    select stay, source_id, enrollment_id, exit, 3 from stay where age >= 18 and has_left"""

OF_STAYS: Mapping[str, str] = {
    "Enrollment": """
        select source_id, concat('x', stay) as id, enrollment_id, personal_id,
               concat('p', site) as project_id, entry as entry_date,
               case when often(stay, 'no household', 0.3) then null else household end as household_id,
               relation as relationship_to_hoh,
               case when place = 0 and not often(stay, 'no coc', 1) then coc end as enrollment_coc,
               case when often(stay, 'no situation', 2) then 99
                    else [116, 116, 101, 101, 118, 435, 422, 313, 204, 215, 225, 8]
                         [1 + chance(visit, 'from') % 12] end as living_situation,
               [10, 11, 2, 3, 4, 5, 8, 99][1 + chance(visit, 'how long') % 8] as length_of_stay,
               chance(visit, 'under') % 2 as los_under_threshold,
               chance(visit, 'street before') % 2 as previous_street_essh,
               case when often(visit, 'street', 60) then entry - days(visit, 'since', 120) end
                   as date_to_street_essh,
               [1, 1, 2, 3, 4, 8, 99][1 + chance(visit, 'times') % 7] as times_homeless_past_three_years,
               [101, 102, 104, 108, 112, 113, 8, 99][1 + chance(visit, 'months') % 8]
                   as months_homeless_past_three_years,
               case when often(human, 'disabled', 45) then 1 when often(stay, 'not asked', 2) then 99
                    else 0 end                    as disabling_condition,
               case when project_type = 4 and often(stay, 'engaged', 60)
                    then entry + chance(stay, 'engaged on') % 40 end as date_of_engagement,
               case when project_type in (3, 9, 10, 13) and place = 0 and often(visit, 'moves in', 75)
                    then entry + days(visit, 'until', 35) end as move_in_date,
               case when project_type = 6 then entry + 5 end as date_of_path_status,
               case when project_type = 6 then chance(stay, 'path') % 2 end as client_enrolled_in_path,
               entry + case when often(stay, 'ahead', 1) then -1
                            else days(stay, 'typed', 3) end as date_created
        from stay""",
    "Exit": """
        select source_id, concat('x', stay) as id, enrollment_id, exit as exit_date,
               case when often(stay, 'no destination', 9) then 99
                    else [410, 410, 421, 422, 435, 116, 101, 101, 118, 302, 312, 313, 314, 204, 206, 215, 225,
                          24, 30, 8][1 + chance(visit, 'where') % 20] end as destination,
               exit + days(stay, 'typed out', 4) as date_created
        from stay where has_left""",
    "Services": f"""
        select source_id, concat('n', stay, '-', day) as id, enrollment_id, day as date_provided,
               200 as record_type, 200 as type_provided
        from night where often(stay * 4096 + day % 4096, 'sleeps', 75)
        union all
        select source_id, concat('n', stay, '-', day, '-'), enrollment_id, day, 200, 200
        from night where often(stay * 4096 + day % 4096, 'twice', 0.2)
        union all
        select source_id, concat('s', stay, '-', turn), enrollment_id, entry + 20 * turn::int,
               case when project_type = 6 then 141 else 144 end,
               1 + chance(stay * 64 + turn, 'service') % 12
        from stay, range(0, 12) t(turn)
        where project_type in (4, 6, 11, 12, 13) and entry + 20 * turn <= least(exit, {LAST})""",
    "CurrentLivingSituation": f"""
        select source_id, concat('l', stay, '-', turn) as id, enrollment_id,
               entry + (turn * 21)::int as information_date,
               [116, 116, 101, 118, 435, 313, 8, 99][1 + chance(stay * 64 + turn, 'lives') % 8]
                   as current_living_situation
        from stay, range(0, 16) t(turn)
        where project_type in (4, 14, 6) and age >= 18 and entry + turn * 21 <= least(exit, {LAST})""",
    "IncomeBenefits": f"""
        select source_id, concat('y', stay, '-', stage, '-', asked_on) as id, enrollment_id,
               asked_on as information_date, stage as data_collection_stage,
               case when often(stay * 8 + stage, 'not said', 3) then 99
                    else (has_work or has_ssi or has_tanf)::int end as income_from_any_source,
               case when often(stay * 8 + stage, 'total', 60)
                    then has_work::int * work + has_ssi::int * 914.35 + has_tanf::int * tanf end
                   as total_monthly_income,
               has_work::int as earned, case when has_work then work end as earned_amount,
               has_ssi::int as ssi, case when has_ssi then 914.35 end as ssi_amount,
               has_tanf::int as tanf, case when has_tanf then tanf end as tanf_amount,
               0 as unemployment, 0 as ssdi, 0 as child_support, 0 as other_income_source,
               often(stay, 'snap', 60)::int as benefits_from_any_source, often(stay, 'snap', 60)::int as snap,
               often(stay, 'insured', 80)::int as insurance_from_any_source,
               often(stay, 'insured', 75)::int as medicaid
        from (select *, chance(stay * 8 + stage, 'works') < 1800 + 600 * (stage <> 1)::int as has_work,
                     often(stay, 'ssi', 22) as has_ssi, often(stay, 'tanf', 8) as has_tanf,
                     (400 + chance(stay * 8 + stage, 'wage') % 2200)::decimal(12, 2) + 0.5 as work,
                     (200 + chance(stay, 'tanf') % 400)::decimal(12, 2) as tanf
              from ({_INCOME.format(last=LAST)}))""",
    "Disabilities": """
        select source_id, concat('d', stay, '-', kind) as id, enrollment_id, entry as information_date,
               kind as disability_type, often(human * 16 + kind, 'has', 15)::int as disability_response,
               case when often(human * 16 + kind, 'has', 15)
                    then often(human * 16 + kind, 'lasts', 70)::int end as indefinite_and_impairs
        from stay, range(5, 11) t(kind)""",
    "Assessment": """
        select source_id, concat('a', stay) as id, enrollment_id,
               entry + (chance(stay, 'assessed') % 20)::int as assessment_date,
               1 + chance(stay, 'by') % 3 as assessment_type,
               1 + chance(stay, 'level') % 2 as assessment_level,
               1 + chance(stay, 'priority') % 2 as prioritization_status
        from stay where project_type = 14 and age >= 18 and often(stay, 'asked', 85)""",
    "Event": f"""
        select source_id, concat('v', stay, '-', turn) as id, enrollment_id,
               entry + (25 * turn + chance(stay * 8 + turn, 'event on') % 20)::int as event_date,
               [2, 4, 10, 11, 12, 13, 14, 15][1 + chance(stay * 8 + turn, 'event') % 8] as event,
               case when often(stay * 8 + turn, 'result', 60)
                    then 1 + chance(stay * 8 + turn, 'which') % 3 end as referral_result,
               case when often(stay * 8 + turn, 'result', 60) then entry + 25 * turn::int + 30 end
                   as result_date
        from stay, range(0, 4) t(turn)
        where project_type = 14 and age >= 18 and entry + 25 * turn <= least(exit, {LAST})""",
}

ROWS: Mapping[str, str] = {**OF_PROJECTS, **OF_PEOPLE, **OF_STAYS}
"""HUD's file -> the SQL of its rows."""
