"""What would it take? One question at once, answered while one types or drags."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from dashboard.access import StudioRequest, in_studio
from dashboard.plan.goal_question import GoalQuestion
from dashboard.plan.money_questions import FeesQuestion, OffersQuestion
from dashboard.plan.people_questions import GrowthQuestion, MoreQuestion
from dashboard.plan.question import Question

QUESTIONS: tuple[type[Question], ...] = (
    GoalQuestion,
    OffersQuestion,
    FeesQuestion,
    GrowthQuestion,
    MoreQuestion,
)


@require_safe
@in_studio
def plan(request: StudioRequest) -> HttpResponse:
    """The question that `ask` names, with everything typed in the address; or its answer alone."""
    creator = request.creator
    asked = next((q for q in QUESTIONS if q.key == request.GET.get("ask")), GoalQuestion)
    question = asked(request.GET, creator=creator, now=timezone.now())
    is_part = request.htmx.target == "answer"
    is_right = question.is_valid()
    context = {
        "question": question,
        "is_right": is_right,
        "is_part": is_part,
        "questions": [(q.name, question.address(q.key), q is asked) for q in QUESTIONS],
    }
    status = 200 if is_right else 422
    if not is_part:
        return render(request, "dashboard/plan.html", context, status=status)
    answer = render(request, "dashboard/plan.html#answer", context, status=status)
    return replace_url(answer, request.path + question.address(asked.key))
