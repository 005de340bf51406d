package report

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	said "framepilot/internal/words"
	"framepilot/pilot"
)

// redact is a dossier without the names of clips and recordings and without
// paths. A clip gets the same other name in every report of a plan; who does
// not have the plan can't find the clip from it.
func redact(d pilot.Dossier) pilot.Dossier {
	secret := sha256.Sum256([]byte(d.Record.Run.PlanText + "\x00" + d.Record.Run.Key))
	named := map[string]string{}
	clip := func(id string) string {
		if id != "" && named[id] == "" {
			mac := hmac.New(sha256.New, secret[:])
			mac.Write([]byte(id))
			named[id] = "clip-" + hex.EncodeToString(mac.Sum(nil)[:6])
		}
		return named[id]
	}
	rec := d.Record
	rec.Clips = nil
	for _, c := range d.Record.Clips {
		c.ID, c.Recording = clip(c.ID), clip(c.Recording)
		rec.Clips = append(rec.Clips, c)
	}
	rec.Failures = nil
	for _, f := range d.Record.Failures {
		f.Message = withoutPaths(strings.ReplaceAll(f.Message, f.Clip, clip(f.Clip)))
		hide := func(text string) string { return withoutPaths(strings.ReplaceAll(text, f.Clip, clip(f.Clip))) }
		f.Said, f.Fix = said.Kept(f.Said).Map(hide).Keep(), said.Kept(f.Fix).Map(hide).Keep()
		f.Clip, f.Hint = clip(f.Clip), withoutPaths(f.Hint)
		rec.Failures = append(rec.Failures, f)
	}
	rec.Results = nil
	for _, r := range d.Record.Results {
		predictions := make([]pilot.Prediction, len(r.Predictions))
		for i, p := range r.Predictions {
			p.Clip = clip(p.Clip)
			predictions[i] = p
		}
		r.Predictions, r.Params = predictions, pairsWithoutPaths(r.Params)
		rec.Results = append(rec.Results, r)
	}
	rec.Stages = nil
	for _, s := range d.Record.Stages {
		s.Detail = withoutPaths(s.Detail)
		if s.Status == pilot.Warned { // names clips
			s.Detail = hidden
		}
		rec.Stages = append(rec.Stages, s)
	}
	run := &rec.Run
	run.PlanPath, run.PlanText, run.Message = hidden, "", withoutPaths(run.Message)
	run.Params, run.Environment = pairsWithoutPaths(run.Params), pairsWithoutPaths(run.Environment)
	d.Record = rec
	d.Left = slices.Clone(d.Left)
	for i, c := range d.Left {
		d.Left[i].ID = clip(c.ID)
	}
	if d.Board != nil {
		board := *d.Board
		board.Doubts = slices.Clone(board.Doubts)
		for i, e := range board.Doubts {
			doubt := *e.Doubt
			doubt.Reason = withoutPaths(strings.ReplaceAll(doubt.Reason, doubt.Clip, clip(doubt.Clip)))
			doubt.Clip = clip(doubt.Clip)
			board.Doubts[i].Doubt = &doubt
		}
		d.Board = &board
	}
	if d.Since != nil {
		d.Since = redactChanges(*d.Since, clip)
	}
	return d
}

// redactChanges leaves out the lines of the plan, paths and the names of clips.
func redactChanges(c pilot.Changes, clip func(id string) string) *pilot.Changes {
	c.Plan = []pilot.Change{}
	c.Made = slices.Clone(c.Made)
	for i, x := range c.Made {
		c.Made[i].Name, c.Made[i].Before, c.Made[i].After = withoutPaths(x.Name), withoutPaths(x.Before), withoutPaths(x.After)
	}
	c.Rows = slices.Clone(c.Rows)
	for i, r := range c.Rows {
		if r.Paired == nil {
			continue
		}
		p := *r.Paired
		p.Flips = slices.Clone(p.Flips)
		for k := range p.Flips {
			p.Flips[k].Clip = clip(p.Flips[k].Clip)
		}
		c.Rows[i].Paired = &p
	}
	return &c
}

// hidden stands where something was left out.
const hidden = "[…]"

// withoutPaths leaves out every word that holds a slash of either kind.
func withoutPaths(text string) string {
	words := strings.Split(text, " ")
	for i, w := range words {
		if strings.ContainsAny(w, `/\`) {
			words[i] = hidden
		}
	}
	return strings.Join(words, " ")
}

func pairsWithoutPaths(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for name, value := range m {
		out[withoutPaths(name)] = withoutPaths(value)
	}
	return out
}
