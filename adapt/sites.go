package adapt

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"framepilot/adapt/live"
	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// outlooks adds what is said of every site that says labels = "none": how it
// differs from where the labels come from, and what every classifier fitted to
// all training clips answers there. None of it is a score.
func (r *run) outlooks(list []task, kept Data, f probe.Features, text map[string]probe.Matrix) ([]task, error) {
	train, validation := f.Take(kept.trainRows(r.plan)), f.Take(kept.validationRows(r.plan))
	for _, site := range kept.Unlabelled {
		there := f.Take(kept.rows(func(item Item) bool { return item.Site == site }))
		there.Labels, there.Truth = nil, nil
		if train.Len() < 2 || there.Len() < 2 {
			r.warn(live.StageSites, words.Say("site %s: too few clips to compare; it takes two there and two labelled ones elsewhere", site))
			continue
		}
		by, err := r.siteJudge(train, validation, text)
		if err != nil {
			return nil, err
		}
		list = append(list, r.diagnosis(len(list)+1, site, by, train, there, text))
		for _, e := range r.fitted {
			if e.shots == 0 && e.at(site) && !e.ranksOnly() {
				list = append(list, r.outlook(len(list)+1, site, e, train, there, text))
			}
		}
	}
	return list, nil
}

// siteJudge is the classifier that a site is judged by: the linear probe on all
// training clips where they are of two classes, else the words of the first
// prompt set. It is nil where there are no words either: then clips are only
// compared.
func (r *run) siteJudge(train, validation probe.Features, text map[string]probe.Matrix) (*experiment, error) {
	m := Method{Name: defaultBase, Shots: []int{0}}
	if len(slices.Compact(slices.Sorted(slices.Values(train.Labels)))) < 2 {
		m = Method{Name: ZeroShot}
		for _, set := range r.plan.Prompts {
			if _, ok := text[set.Name]; ok && len(m.Prompts) == 0 {
				m.Prompts = []string{set.Name}
			}
		}
		if len(m.Prompts) == 0 {
			return nil, nil
		}
	}
	list, err := r.plan.learned(m, train, validation, text)
	if err != nil {
		return nil, err
	}
	for _, e := range r.fitted {
		if e.move != nil {
			e = e.move.base
		}
		if e.row() == list[0].row() {
			return e, nil
		}
	}
	return list[0], nil
}

// diagnosis says whether a site differs, in what, and what helps.
func (r *run) diagnosis(place int, site string, by *experiment, train, there probe.Features, text map[string]probe.Matrix) task {
	seed := r.plan.derived("sites")[0]
	name, source := "", train.Pooled()
	there = there.Pooled() // by is none that reads frames
	if by != nil {
		name, source = by.method.Name, by.source(train, text)
	}
	key := resultKey(place, "diagnosis", site, name, seed, source.Digest(), there.Digest())
	return task{key, live.StageSites, site, func(ctx context.Context) (recorded, error) {
		found := domain.Task{Source: source, Target: domain.Unlabelled(there), Seed: seed}
		if by != nil {
			made, err := by.fit(ctx, r.plan.Test.sets())
			if err != nil {
				return recorded{}, err
			}
			found = siteTask(by, made, source, there, seed)
		}
		shift, err := domain.Diagnose(ctx, found, lang.English)
		if err != nil {
			return recorded{}, fmt.Errorf("site %s: %w", site, err)
		}
		f, err := siteFinding(key, site, name, shift)
		if err != nil {
			return recorded{}, err
		}
		return recorded{words.Say("%s: %s", site, verdictText(shift.Verdict)), func(ctx context.Context, l *pilot.Ledger, run string) error {
			return l.Site(ctx, run, f)
		}}, nil
	}}
}

// verdictText is a verdict in a few words.
func verdictText(v domain.Verdict) words.Sentence {
	switch v {
	case domain.ShiftNone:
		return words.Say("no difference between the sites was found")
	case domain.ShiftMix:
		return words.Say("some events are more frequent than before")
	case domain.ShiftLook:
		return words.Say("its clips look different")
	case domain.ShiftBoth:
		return words.Say("its clips look different, and some events seem to be more frequent")
	}
	return words.Say("too few recordings to tell a new site from another recording")
}

// siteFinding is a diagnosis as the ledger keeps it, in every language.
func siteFinding(key, site, classifier string, r domain.Report) (pilot.SiteFinding, error) {
	numbers, err := json.Marshal(r)
	told := map[string][]string{}
	for _, l := range lang.All() {
		told[string(l)] = r.Words(l)
	}
	return pilot.SiteFinding{
		Key: key, Site: site, Classifier: classifier, Verdict: string(r.Verdict), Clips: r.TargetClips, Recordings: r.TargetGroups,
		Suggested: r.Suggested, ToConfirm: r.ClipsToConfirm, Words: told, Numbers: numbers,
	}, err
}

// outlook is what a classifier answers at a site, and the share of it that is
// expected to be right.
func (r *run) outlook(place int, site string, e *experiment, train, there probe.Features, text map[string]probe.Matrix) task {
	head := e.head(r.plan, site)
	key := resultKey(place, "expectation", head.Method, head.Params, head.Prompts, site, e.follows(), there.Digest())
	seed := r.plan.derived("sites")[0]
	there = e.sees(there)
	return task{key, live.StageSites, site, func(ctx context.Context) (recorded, error) {
		made, err := e.fit(ctx, r.plan.Test.sets())
		if err != nil {
			return recorded{}, err
		}
		x := pilot.Expectation{Key: key, Method: head.Method, Label: head.Label, Prompts: head.Prompts, TrainSite: head.TrainSite, Site: site}
		none, err := made.none(ctx, e.train)
		if err != nil {
			return recorded{}, fmt.Errorf("%s at %s: %w", e.label(), site, err)
		}
		x.Answers = made.answers(there, none)
		expected, err := e.expected(ctx, made, e.source(train, text), there, seed)
		if err != nil {
			return recorded{}, fmt.Errorf("%s at %s: %w", e.label(), site, err)
		}
		told := words.Say("%s at %s: %s answered", e.label(), site, words.Counted(len(x.Answers), "clip"))
		if n := strangers(x.Answers); n > 0 {
			told = words.Say("%s, %d of them likely none of the classes", told, n)
		}
		if len(expected.Estimators) > 0 {
			x.HasRange, x.Low, x.High = true, expected.Low, expected.High
			told = words.Say("%s, %.0f to %.0f %% expected to be right", told, 100*x.Low, 100*x.High)
		}
		return recorded{told, func(ctx context.Context, l *pilot.Ledger, run string) error { return l.Expect(ctx, run, x) }}, nil
	}}
}

// expected is the accuracy to expect of a classifier at a site. Nothing is
// where it learned from clips and none could be held out: by those it knows it
// would be expected to be right.
func (e *experiment) expected(ctx context.Context, made fit, source, there probe.Features, seed uint64) (domain.Expectation, error) {
	learner := e
	if e.move != nil {
		learner = e.move.base
	}
	if e.train.Truth != nil { // of several classes a clip there is no accuracy
		return domain.Expectation{}, nil
	}
	was, err := learner.fit(ctx, probe.ConformalOptions{}) // made before
	if err != nil || learner.method.Name != ZeroShot && len(was.HeldOut.Rows) == 0 {
		return domain.Expectation{}, err
	}
	if e.move != nil {
		return e.move.result.Expected, nil
	}
	return domain.Expect(siteTask(e, made, source, there, seed))
}

// answersOf are answers where a clip may be of several classes: all it is of, and
// the probability of the likeliest.
func answersOf(logits probe.Matrix, from []float64, clips probe.Features) []pilot.ClipAnswer {
	out := make([]pilot.ClipAnswer, clips.Len())
	for i, likeliest := range probe.Predict(logits) {
		var of []string
		for c, z := range logits.Row(i) {
			if float64(z) >= from[c] {
				of = append(of, clips.Classes[c])
			}
		}
		none := len(of) == 0
		out[i] = pilot.ClipAnswer{
			Clip: clips.IDs[i], Class: pilot.Tagged(of), P: probe.Sigmoid(float64(logits.Row(i)[likeliest])), None: &none,
		}
	}
	return out
}

// strangers counts the clips that are likely none of the classes.
func strangers(answers []pilot.ClipAnswer) (n int) {
	for _, a := range answers {
		if a.None != nil && *a.None {
			n++
		}
	}
	return n
}

// none is how clips of none of the classes are told, by classes held out; nil
// where it can't be.
func (f fit) none(ctx context.Context, train probe.Features) (*probe.Unknown, error) {
	if f.calibrated == nil {
		return nil, nil
	}
	unknown, err := f.calibrated.Unknown(ctx, train)
	if err != nil {
		if fault.KindOf(err) == fault.Input { // too few classes to hold one out
			return nil, nil
		}
		return nil, err
	}
	return &unknown, nil
}

// answers are what the classifier says of clips, calibrated where it can be,
// with the classes that can't be ruled out, and whether it is likely none of
// them where that can be told.
func (f fit) answers(clips probe.Features, none *probe.Unknown) []pilot.ClipAnswer {
	classifier := f.Classifier
	if f.calibrated != nil {
		classifier = f.calibrated.Classifier
	}
	logits := classifier.Logits(clips.X)
	if from := probe.Thresholds(classifier); from != nil {
		return answersOf(logits, from, clips)
	}
	var sets [][]int
	if f.sets != nil {
		sets = f.sets.Sets(logits)
	}
	out := make([]pilot.ClipAnswer, clips.Len())
	confident := probe.Confident(logits)
	for i, c := range probe.Predict(logits) {
		out[i] = pilot.ClipAnswer{Clip: clips.IDs[i], Class: clips.Classes[c], P: probe.Softmax(logits.Row(i))[c]}
		if none != nil {
			stranger := confident[i] < none.Threshold
			out[i].None = &stranger
		}
		if sets == nil {
			continue
		}
		out[i].Possible = []string{}
		for _, c := range sets[i] {
			out[i].Possible = append(out[i].Possible, clips.Classes[c])
		}
	}
	return out
}
