package adapt

import (
	"framepilot/adapt/live"
	"framepilot/internal/words"
)

// begins and ends tell of a stage.
func (r *run) begins(stage string) {
	r.log.Emit(live.Event{Kind: live.EventStage, Stage: stage, Status: "started"})
}

func (r *run) ends(stage, status string, detail words.Sentence) {
	r.sum.Stages = append(r.sum.Stages, StageSummary{Name: stage, Status: status, Detail: detail.String(), Said: detail})
	r.log.Emit(live.Event{Kind: live.EventStage, Stage: stage, Status: status}.Saying(detail))
}

// judge warns of findings, in a line each, and refuses those that are errors.
func (r *run) judge(stage string, findings []Finding) error {
	for _, f := range findings {
		if f.Severity == SeverityWarning {
			text := f.said()
			if len(f.Where) > mostTold {
				text = words.Say("%s; framepilot data check %s names them", text, r.plan.File)
			}
			r.warn(stage, text)
		}
	}
	return refusal(findings)
}

func (r *run) warn(stage string, s words.Sentence) {
	r.heard(live.Event{Kind: live.EventWarning, Stage: stage}.Saying(s))
}

// heard passes on what the extractor says.
func (r *run) heard(e live.Event) {
	if e.Kind == live.EventWarning {
		r.sum.Warnings = append(r.sum.Warnings, e.Text)
	}
	r.log.Emit(e)
}
