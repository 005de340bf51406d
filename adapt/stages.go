package adapt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// find begins the run of this key: the one that was begun before, or a new
// one.
func (r *run) find(ctx context.Context) error {
	status, id := "resumed", ""
	before, err := r.ledger.FindByKey(ctx, r.key)
	switch {
	case err == nil:
		id, r.was = before.ID, before.Status
	case errors.Is(err, pilot.ErrNoRun):
		status, id = "started", runID(r.key, 1)
	default:
		return err
	}
	if err := r.begin(ctx, id); err != nil {
		return err
	}
	r.log.Emit(live.Event{Kind: live.EventRun, Status: status}.Saying(words.Say("run %s of pilot %s", id, r.plan.Name)))
	return nil
}

// runID is short enough to type: the beginning of the run's key, and which of
// the runs of that key it is.
func runID(key string, n int) string { return key[:8] + "-" + strconv.Itoa(n) }

// begin makes the ledger and the event log speak of the run id.
func (r *run) begin(ctx context.Context, id string) error {
	info := r.model.Info()
	params := map[string]string{
		"model": info.Name, "model_sha256": info.SHA256, "recipe": r.plan.Model.Recipe,
		"frames": strconv.Itoa(info.Frames.Frames), "frame_size": strconv.Itoa(info.Frames.Size),
		"similarity_scale": strconv.FormatFloat(probe.Features{Scale: info.Scale}.LogitScale(), 'g', -1, 64),
		"features":         r.x.Key(), "train_sites": cmp.Or(strings.Join(r.plan.Split.Train, ", "), "all"),
		"test_share": strconv.FormatFloat(r.plan.Split.TestShare, 'g', -1, 64),
	}
	for name, value := range info.Params {
		params[name] = value
	}
	err := r.ledger.Begin(ctx, pilot.Run{
		ID: id, Pilot: r.plan.Name, Question: r.plan.Question, PlanPath: r.plan.File, PlanText: r.plan.Text,
		Key: r.key, Seed: uint64(r.plan.Seed), Params: params, Environment: r.environment(),
	})
	if err != nil {
		return err
	}
	r.sum.Run = id
	clips := make([]pilot.Clip, len(r.data.Items))
	for i, item := range r.data.Items {
		clips[i] = pilot.Clip{ID: item.ID, Site: item.Site, Split: item.Split, Class: item.Label, Recording: item.Group}
	}
	if err := r.ledger.Clips(ctx, id, clips); err != nil {
		return err
	}
	if err := r.assume(ctx); err != nil {
		return err
	}
	rec, err := r.ledger.Load(ctx, id)
	if err != nil {
		return err
	}
	r.has = keysOf(rec)
	if s, _, err := live.Follow(r.plan.Dir(), id).Look(); err == nil { // else nobody worked on it before
		r.before = s.Spent
	}
	return r.log.Open(r.plan.Dir(), id)
}

// keysOf are the keys of everything that was measured in a run.
func keysOf(rec pilot.Record) map[string]bool {
	has := map[string]bool{}
	for _, r := range rec.Results {
		has[r.Key] = true
	}
	for _, f := range rec.Sites {
		has[f.Key] = true
	}
	for _, e := range rec.Expectations {
		has[e.Key] = true
	}
	return has
}

// leaveStale begins another run where this one has results that no longer
// follow from its inputs: a clip that could not be read then can be read now.
func (r *run) leaveStale(ctx context.Context, todo []task) error {
	want := map[string]bool{}
	for _, t := range todo {
		want[t.key] = true
	}
	stale := false
	for key := range r.has {
		stale = stale || !want[key]
	}
	if !stale {
		return nil
	}
	old := r.sum.Run
	_, number, _ := strings.Cut(old, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("adapt: run %s has no number", old)
	}
	id := runID(r.key, n+1)
	r.warn(live.StageEmbed, words.Say("other clips can be read than in run %s; run %s measures anew", old, id))
	if r.was != pilot.Done {
		r.was = pilot.Interrupted
	}
	if err := r.ledger.Finish(ctx, old, r.was, "measured anew by run "+id); err != nil {
		return err
	}
	if err := r.log.Close(); err != nil {
		return err
	}
	if err := r.begin(ctx, id); err != nil {
		return err
	}
	return r.recordFailures(ctx)
}

// embed gives every clip that can be read its row: kept lists those clips, in
// the order of the rows.
func (r *run) embed(ctx context.Context) (kept Data, f probe.Features, err error) {
	e, err := r.x.settle(ctx, r.jobs)
	r.rates.note(r.embedRate(), r.x.made, r.x.took) // also where it was cut short
	if err != nil {
		return Data{}, probe.Features{}, err
	}
	judged := r.note(e)
	if speed, ok := r.clipsPerHour(); ok {
		if err := r.ledger.Measured(ctx, r.sum.Run, pilot.ClipsPerHourKey, speed); err != nil {
			return Data{}, probe.Features{}, err
		}
	}
	if err := errors.Join(judged, r.recordFailures(ctx)); err != nil {
		return Data{}, probe.Features{}, err
	}
	if kept, f, err = r.take(e); err != nil {
		return Data{}, probe.Features{}, err
	}
	status := StatusDone
	if e.Computed == 0 {
		status = StatusCached
	}
	detail := words.Say("embedded %s, %d cached, %d failed", words.Counted(e.Computed, "clip"), e.Cached, len(e.Failures))
	r.ends(live.StageEmbed, status, detail)
	return kept, f, r.ledger.Stage(ctx, r.sum.Run, live.StageEmbed, r.x.Key(), status, detail.String())
}

// recordWarnings keeps what was said of the data and of how it was read beside
// the results, for those who see no more of the run than its report.
func (r *run) recordWarnings(ctx context.Context) error {
	for _, text := range r.sum.Warnings {
		if err := r.ledger.Stage(ctx, r.sum.Run, live.StageData, r.x.Key(), pilot.Warned, text); err != nil {
			return err
		}
	}
	return nil
}

// note tells what extraction came to, and refuses copies across the split.
func (r *run) note(e Extraction) error {
	r.sum.Computed, r.sum.Cached = e.Computed, e.Cached
	r.sum.Failures = append(r.sum.Failures, e.Failures...)
	for _, w := range e.Warnings {
		r.warn(live.StageEmbed, w)
	}
	return r.judge(live.StageEmbed, copies(r.data.Items, e.addresses))
}

// take holds what was extracted against what the plan asks for.
func (r *run) take(e Extraction) (kept Data, f probe.Features, err error) {
	if len(e.Rows) == 0 {
		return kept, f, fault.Say(fault.Input, e.Failures[0].Fix.Or(e.Failures[0].Hint), "none of %s can be used; the first: %s: %s",
			words.Counted(len(r.data.Items), "clip"), e.Failures[0].ID, e.Failures[0].Said.Or(e.Failures[0].Message))
	}
	kept = r.data.pick(e.Rows)
	if err := refusal(kept.shots(r.plan)); err != nil {
		return kept, f, fault.Say(fault.KindOf(err), words.Sentence{}, "%s can't be read: %w", words.Counted(len(e.Failures), "clip"), err)
	}
	if f, err = e.Features(r.data.Items, r.data.Classes, r.model.Info().Scale); err != nil {
		return kept, f, err
	}
	if r.data.Multi {
		f = multiLabel(f, kept.Items)
	}
	return kept, f, r.judge(live.StageEmbed, nearCopies(kept.Items, f.Pooled()))
}

// recordFailures lists the clips left out, in the ledger and for people.
func (r *run) recordFailures(ctx context.Context) error {
	list := make([]pilot.Failure, len(r.sum.Failures))
	for i, f := range r.sum.Failures {
		list[i] = pilot.Failure{Clip: f.ID, Site: f.Site, Class: f.Label, Message: f.Message, Hint: f.Hint, Said: f.Said.Keep(), Fix: f.Fix.Keep()}
	}
	if err := r.ledger.Failures(ctx, r.sum.Run, list); err != nil {
		return err
	}
	return r.writeQuarantine()
}

// words embeds all texts of the run and returns the prototypes of each prompt
// set.
func (r *run) words(ctx context.Context, kept Data) (map[string]probe.Matrix, error) {
	texts, err := r.plan.texts(kept)
	if err != nil {
		return nil, err
	}
	if _, err := r.x.Texts(ctx, texts); err != nil { // all at once; what follows finds them cached
		return nil, err
	}
	out := map[string]probe.Matrix{}
	for _, name := range r.plan.promptNames() {
		set := r.plan.promptSet(name)
		if out[name], err = r.x.prototypes(ctx, set, kept.Classes); err != nil {
			return nil, err
		}
		if err := r.judge(live.StageEmbed, confusedNames(kept.Classes, out[name], name)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
