package adapt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"framepilot/domain"
	"framepilot/internal/lang"
	"framepilot/probe"
)

// SiteFinding is what can be said of a site whose clips have no labels: how it
// differs from where the labels come from and what accuracy to expect there,
// never a score.
type SiteFinding struct {
	Site       string        `json:"site"`
	Classifier string        `json:"classifier"` // what the expectation is of: logistic, or zero-shot where no clip has a label
	Shift      domain.Report `json:"shift"`
}

// judgeSites diagnoses every site of the plan that says labels = "none". The
// same clips always give the same findings, and they are made anew each time.
func (r *run) judgeSites(ctx context.Context, kept Data, f probe.Features, text map[string]probe.Matrix) error {
	source := f.Take(kept.trainRows(r.plan))
	for _, s := range r.plan.Data {
		rows := kept.rows(func(item Item) bool { return item.Site == s.Name && item.Label == "" })
		if s.Labels != noLabels || len(rows) == 0 || len(r.plan.Methods) == 0 {
			continue
		}
		if source.Len() < 2 || len(rows) < 2 {
			r.warn(StageSites, "site "+s.Name+": too few clips to compare; it takes two there and two labelled ones elsewhere")
			continue
		}
		r.begins(StageSites)
		task, name, err := r.judgeTask(ctx, source, text)
		if err != nil {
			return fmt.Errorf("site %s: %w", s.Name, err)
		}
		task.Target = domain.Unlabelled(f.Take(rows))
		shift, err := domain.Diagnose(ctx, task, lang.English)
		if err != nil {
			return fmt.Errorf("site %s: %w", s.Name, err)
		}
		r.sum.Sites = append(r.sum.Sites, SiteFinding{s.Name, name, shift})
		detail := s.Name + ", by " + name + ": " + strings.Join(shift.Sentences, " ")
		r.ends(StageSites, StatusDone, detail)
		if err := r.ledger.Stage(ctx, r.sum.Run, StageSites, r.key, StatusDone, detail); err != nil {
			return err
		}
	}
	return nil
}

// judgeTask makes the classifier a site is judged by: the linear probe on all
// training clips of two classes, else the words of the first prompt set.
func (r *run) judgeTask(ctx context.Context, source probe.Features, text map[string]probe.Matrix) (domain.Task, string, error) {
	name := "logistic"
	if len(slices.Compact(slices.Sorted(slices.Values(source.Labels)))) < 2 {
		name = ZeroShot
	}
	for _, set := range r.plan.Prompts {
		if words, ok := text[set.Name]; ok {
			source.Text = words
			break
		}
	}
	method, err := probe.FindMethod(Methods(), name)
	if err != nil {
		return domain.Task{}, name, err
	}
	fitted, err := method.Run(ctx, source, nil)
	return domain.Task{
		Source: source, Base: fitted.Classifier, Held: fitted.HeldOut.Logits, Judged: fitted.HeldOut.Rows,
		Plain: name == ZeroShot, Seed: r.plan.derived("sites")[0],
	}, name, err
}
