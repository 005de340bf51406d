package domain

import (
	"context"
	"fmt"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/stat"
	"framepilot/probe"
)

// Level is the p-value up to which sites count as different.
const Level = 0.01

// Verdict says in what a target site differs.
type Verdict string

// The verdicts.
const (
	ShiftNone    Verdict = "same"          // no difference seen; with few recordings that says little
	ShiftMix     Verdict = "mix"           // other classes are more frequent
	ShiftLook    Verdict = "look"          // clips look different
	ShiftBoth    Verdict = "look and mix"  // both
	ShiftUnknown Verdict = "too few clips" // a site has fewer than two recordings
)

// Report is a diagnosis of a target site.
type Report struct {
	SourceClips  int `json:"source_clips"`
	SourceGroups int `json:"source_groups"`
	TargetClips  int `json:"target_clips"`
	TargetGroups int `json:"target_groups"`

	MMD2      float64 `json:"mmd2"`
	MMDP      float64 `json:"mmd_p"`
	ADistance float64 `json:"a_distance"`
	C2STP     float64 `json:"c2st_p"`

	// What follows needs a classifier, and is null without one.

	LookP       *float64 `json:"look_p"` // MMD with the mix of classes taken out
	BBSDP       *float64 `json:"bbsd_p"`
	LabelShiftP *float64 `json:"label_shift_p"`

	Classes     []string     `json:"classes"`
	EMPrior     []float64    `json:"em_prior"`
	EMIntervals [][2]float64 `json:"em_prior_intervals"` // 95 %
	BBSEWeights []float64    `json:"bbse_weights"`       // null without source labels
	SourcePrior []float64    `json:"source_prior"`

	SourceAccuracy    *float64    `json:"source_accuracy"`    // on held-out source clips; null without labels
	EstimatedAccuracy *[2]float64 `json:"estimated_accuracy"` // of the classifier as it is, a range; null without source labels
	Tried             []Trial     `json:"tried"`
	Suggested         string      `json:"suggested"` // method to try first; "" for none
	ClipsToConfirm    int         `json:"clips_to_confirm"`

	Verdict   Verdict  `json:"verdict"`
	Sentences []string `json:"sentences"` // the same in words; none of a Detect
}

// Trial is what a method promises at the target.
type Trial struct {
	Method            string      `json:"method"`
	EstimatedAccuracy *[2]float64 `json:"estimated_accuracy"`
	Accepted          bool        `json:"accepted"` // it does something and no gate is against it
	Reason            string      `json:"reason"`
	refused           string      // why, by its name in the catalogue of messages
}

// confirmHalfWidth is the half-width of the 95 % interval that labelled
// target clips are to give.
const confirmHalfWidth = 0.1

// leastToConfirm is how many it takes however good the classifier seems.
const leastToConfirm = 20

// Diagnose says whether the target differs from the source, in what, and
// what to try. A task without Base, where neither labels nor prompts made one,
// has its clips compared only. The order is: first the tests, then the mix of
// classes, then the look with the mix taken out, then every method from the
// least invasive on.
func Diagnose(ctx context.Context, t Task, l lang.Language) (Report, error) {
	r, s, err := detect(ctx, t)
	if err != nil {
		return Report{}, fmt.Errorf("shift: %w", err)
	}
	if t.Base != nil && r.Drifted() {
		if err := r.try(ctx, s); err != nil {
			return Report{}, fmt.Errorf("shift: %w", err)
		}
	}
	r.Sentences = r.Words(l)
	return r, nil
}

// Detect is Diagnose without trying anything: what a nightly check needs.
func Detect(ctx context.Context, t Task) (Report, error) {
	r, _, err := detect(ctx, t)
	if err != nil {
		return Report{}, fmt.Errorf("shift: %w", err)
	}
	return r, nil
}

// Drifted tells whether a difference was found.
func (r Report) Drifted() bool {
	return r.Verdict == ShiftMix || r.Verdict == ShiftLook || r.Verdict == ShiftBoth
}

func detect(ctx context.Context, t Task) (Report, state, error) {
	source, o := Unlabelled(t.Source), TestOptions{Seed: t.Seed}
	if err := checkBoth("shift", source, t.Target, 2); err != nil {
		return Report{}, state{}, err
	}
	r := Report{
		SourceClips: source.Len(), TargetClips: t.Target.Len(), Classes: t.Source.Classes,
		Tried: []Trial{}, Sentences: []string{}, // lists in JSON even where they are empty
	}
	_, r.SourceGroups = probe.NumberGroups(source.Groups, source.Len())
	_, r.TargetGroups = probe.NumberGroups(t.Target.Groups, t.Target.Len())
	r.ClipsToConfirm = clipsToConfirm(0.5, t.Target)
	steps := []func() error{
		func() error {
			m, err := MMDTest(source, t.Target, o)
			r.MMD2, r.MMDP = m.Squared, m.P
			return err
		},
		func() error {
			c, err := ClassifierTest(source, t.Target, o)
			r.ADistance, r.C2STP = c.ADistance, c.P
			return err
		},
	}
	var s state
	if t.Base != nil {
		var err error
		if s, err = t.start(); err != nil {
			return Report{}, s, err
		}
		steps = append(steps, r.judged(s, o)...)
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return Report{}, s, err
		}
		if err := step(); err != nil {
			return Report{}, s, err
		}
	}
	r.Verdict = r.verdict()
	return r, s, nil
}

// judged are the steps that need a classifier.
func (r *Report) judged(s state, o TestOptions) []func() error {
	r.EMPrior, r.BBSEWeights, r.SourcePrior = s.mix.Prior, s.mix.BBSE, s.mix.Source
	for _, i := range s.mix.Intervals {
		r.EMIntervals = append(r.EMIntervals, [2]float64{i.Low, i.High})
	}
	said := s.judge(s.task.Base)
	return []func() error{
		func() error {
			b, err := BBSDTest(s.source.Logits, said.Logits, s.source.Groups, said.Groups, o)
			r.BBSDP = &b.P
			return err
		},
		func() error {
			h, err := HistogramTest(probe.Predict(s.source.Logits), probe.Predict(said.Logits), len(r.Classes), s.source.Groups, said.Groups, o)
			r.LabelShiftP = &h.P
			return err
		},
		func() error {
			m, err := s.lookTest(o)
			r.LookP = &m.P
			return err
		},
		func() error {
			e, err := s.expect(s.task.Target.X, said, s.mix.ClassWeights())
			if len(e.Estimators) > 0 {
				r.SourceAccuracy, r.EstimatedAccuracy = &e.Source, &[2]float64{e.Low, e.High}
				r.ClipsToConfirm = clipsToConfirm((e.Low+e.High)/2, s.task.Target)
			}
			return err
		},
	}
}

// verdict goes by the tests: any of them at half its level, as there are two
// of the clips themselves.
func (r *Report) verdict() Verdict {
	if r.SourceGroups < 2 || r.TargetGroups < 2 {
		return ShiftUnknown
	}
	different := min(r.MMDP, r.C2STP) <= Level/2
	look := different && (r.LookP == nil || *r.LookP <= Level)
	mix := r.LabelShiftP != nil && *r.LabelShiftP <= Level
	switch {
	case look && mix:
		return ShiftBoth
	case mix:
		return ShiftMix
	case look || different:
		return ShiftLook
	}
	return ShiftNone
}

// try runs the methods that go with the verdict.
func (r *Report) try(ctx context.Context, s state) error {
	methods := []string{"center", "coral", "linear-ot", "shot", "stata"}
	if r.Verdict == ShiftMix {
		methods = []string{"em-prior", "bbse"}
	}
	base, err := s.score(s.task.Target.X, s.task.Base)
	if err != nil {
		return err
	}
	best := base + tie
	for _, name := range methods {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := FindMethod(name)
		if err != nil {
			return err
		}
		if name == "bbse" && s.mix.BBSE == nil {
			continue
		}
		settings, err := m.Settings(nil)
		if err != nil {
			return err
		}
		trial := Trial{Method: name, Accepted: true}
		a, err := m.fit(ctx, s, settings)
		if fault.KindOf(err) == fault.Config { // not for this classifier
			r.Tried = append(r.Tried, Trial{Method: name, Reason: err.Error(), refused: "not_possible"})
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(a.Expected.Estimators) > 0 {
			trial.EstimatedAccuracy = &[2]float64{a.Expected.Low, a.Expected.High}
		}
		switch {
		case a.Gate != nil:
			trial.Accepted, trial.Reason, trial.refused = a.Gate.Accepted, a.Gate.Reason, "refused"
		case a.Map != nil:
			trial.Accepted, trial.Reason, trial.refused = a.Map.Strength > 0, a.Choices[0].Reason, "no_effect"
		}
		switch {
		case !trial.Accepted:
		case r.Verdict == ShiftMix && r.Suggested == "", name == "shot":
			r.Suggested = name // its gate has held it against the closed forms
		case a.Map != nil:
			score, err := s.score(a.Map.Apply(s.task.Target.X), s.task.Base)
			if err != nil {
				return err
			}
			if score > best {
				best, r.Suggested = score, name
			}
		}
		r.Tried = append(r.Tried, trial)
	}
	return nil
}

// clipsToConfirm is how many target clips, each of another recording, give
// a 95 % interval of ± confirmHalfWidth around an accuracy p, from leastToConfirm
// to all.
func clipsToConfirm(p float64, target Clips) int {
	return min(max(leastToConfirm, stat.ShareClips(p, confirmHalfWidth, probe.Confidence)), target.Len())
}
