from lib.running import report


def distill(teacher: str, student: str = "tiny", temperature: float = 2.0):
    report("distill", teacher=teacher, student=student, temperature=temperature)
