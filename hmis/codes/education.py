"""School, at any age."""

from hmis.codes.code import Code


class CurrentSchoolAttendance(Code, hud_list="C3.2"):
    """Whether a young client is enrolled in and attends school. HUD list C3.2."""

    NOT_ENROLLED = 0, "Not currently enrolled in any school or educational course"
    ENROLLED_NOT_ATTENDING_REGULARLY = (
        1,
        "Currently enrolled but NOT attending regularly (when school or the course is in session)",
    )
    ENROLLED_ATTENDING_REGULARLY = (
        2,
        "Currently enrolled and attending regularly (when school or the course is in session)",
    )
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class MostRecentEducationStatus(Code, hud_list="C3.A"):
    """How the last schooling of a young client not now enrolled went. HUD list C3.A."""

    K12_GRADUATED_FROM_HIGH_SCHOOL = 0, "K12: Graduated from high school"
    K12_OBTAINED_GED = 1, "K12: Obtained GED"
    K12_DROPPED_OUT = 2, "K12: Dropped out"
    K12_SUSPENDED = 3, "K12: Suspended"
    K12_EXPELLED = 4, "K12: Expelled"
    HIGHER_EDUCATION_NOT_CURRENTLY_ATTENDING = (
        5,
        "Higher education: Pursuing a credential but not currently attending",
    )
    HIGHER_EDUCATION_DROPPED_OUT = 6, "Higher education: Dropped out"
    HIGHER_EDUCATION_OBTAINED_CREDENTIAL = 7, "Higher education: Obtained a credential/degree"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class CurrentEducationStatus(Code, hud_list="C3.B"):
    """What an enrolled young client is studying for. HUD list C3.B."""

    PURSUING_HIGH_SCHOOL_DIPLOMA_OR_GED = 0, "Pursuing a high school diploma or GED"
    PURSUING_ASSOCIATES_DEGREE = 1, "Pursuing Associate's Degree"
    PURSUING_BACHELORS_DEGREE = 2, "Pursuing Bachelor's Degree"
    PURSUING_GRADUATE_DEGREE = 3, "Pursuing Graduate Degree"
    PURSUING_OTHER_CREDENTIAL = 4, "Pursuing other post-secondary credential"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class LastGradeCompleted(Code, hud_list="R4.1"):
    """The last grade or degree the client completed. HUD list R4.1."""

    LESS_THAN_GRADE_5 = 1, "Less than grade 5"
    GRADES_5_TO_6 = 2, "Grades 5-6"
    GRADES_7_TO_8 = 3, "Grades 7-8"
    GRADES_9_TO_11 = 4, "Grades 9-11"
    GRADE_12 = 5, "Grade 12"
    SCHOOL_WITHOUT_GRADE_LEVELS = 6, "School program does not have grade levels"
    GED = 7, "GED"
    SOME_COLLEGE = 10, "Some college"
    ASSOCIATES_DEGREE = 11, "Associate's degree"
    BACHELORS_DEGREE = 12, "Bachelor's degree"
    GRADUATE_DEGREE = 13, "Graduate degree"
    VOCATIONAL_CERTIFICATION = 14, "Vocational certification"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class SchoolStatus(Code, hud_list="R5.1"):
    """Whether a young client attends school, or how it ended. HUD list R5.1."""

    ATTENDING_REGULARLY = 1, "Attending school regularly"
    ATTENDING_IRREGULARLY = 2, "Attending school irregularly"
    GRADUATED_FROM_HIGH_SCHOOL = 3, "Graduated from high school"
    OBTAINED_GED = 4, "Obtained GED"
    DROPPED_OUT = 5, "Dropped out"
    SUSPENDED = 6, "Suspended"
    EXPELLED = 7, "Expelled"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"
