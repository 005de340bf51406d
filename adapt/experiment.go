package adapt

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// experiment is one classifier to fit: a method, its settings and the clips it
// learns from. It holds no test clip, so that nothing can be chosen on one.
type experiment struct {
	method   probe.Method
	settings map[string]string // as text; the others the method chooses
	seeded   bool              // the seed among them follows from the plan's
	given    string            // those the plan sets, for people
	prompts  string            // prompt set of train.Text; empty where words play no part
	shots    int               // 0 = all, or none needed
	draw     int               // from 1; 0 where nothing is drawn
	train    probe.Features

	move       *move          // of a classifier that is taken to a new site; nil: it is made where the labels are
	made       *fit           // once it is
	validation probe.Features // of the data's own validation split, to choose settings on; no clips: none
}

// experiments lists what the plan wants fitted, in its order. train holds all
// training clips, validation those to choose settings on, text the prototypes
// of every prompt set, sites those that nothing is learned from.
func experiments(p Plan, train, validation probe.Features, text map[string]probe.Matrix, sites []newSite) ([]*experiment, error) {
	var list []*experiment
	made := map[string]*experiment{} // by what makes them different: none is fitted twice
	for _, m := range p.Methods {
		learned, err := p.learned(m, train, validation, text)
		if err != nil {
			return nil, err
		}
		for i, e := range learned {
			name := fmt.Sprintf("%q %d", e.row(), e.draw)
			if made[name] == nil {
				made[name] = e
			}
			learned[i] = made[name]
		}
		if m.forSite() {
			if learned, err = p.movesOf(m, learned, train, text, sites); err != nil {
				return nil, err
			}
		}
		list = append(list, learned...)
	}
	return list, nil
}

// learned are the experiments that make the method's classifiers, on training
// clips: of a method for new sites, those of its base.
func (p Plan) learned(m Method, train, validation probe.Features, text map[string]probe.Matrix) ([]*experiment, error) {
	if m.forSite() {
		m = Method{Name: m.Base, Prompts: m.Prompts, Shots: m.Shots, Draws: m.Draws}
	}
	method, err := probe.FindMethod(Methods(), m.Name)
	if err != nil {
		return nil, err
	}
	words := m.Prompts
	if !m.readsWords() {
		words = []string{""}
	}
	var list []*experiment
	for _, name := range words {
		train, validation := train, validation
		train.Text, validation.Text = text[name], text[name]
		e := experiment{method: method}
		train, validation = e.sees(train), e.sees(validation)
		if m.Name == ZeroShot {
			list = append(list, &experiment{method: method, prompts: name, train: train.Take(nil), validation: train.Take(nil)})
			continue
		}
		for _, shots := range m.Shots {
			drawn, err := draws(p, m, shots, train)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Name, err)
			}
			for i, part := range drawn {
				e := &experiment{method: method, prompts: name, shots: shots, train: part, validation: validation,
					settings: m.settings(), given: settingsText(m.settings())}
				if shots > 0 {
					e.draw = i + 1
				}
				if _, set := e.settings["seed"]; !set && hasSetting(method, "seed") {
					e.settings["seed"], e.seeded = strconv.FormatUint(p.rng("folds").Uint64()>>32, 10), true
				}
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// settingsText lists settings by name: "C = 10, folds = 5".
func settingsText(settings map[string]string) string {
	var parts []string
	for _, name := range sortedKeys(settings) {
		parts = append(parts, name+" = "+settings[name])
	}
	return strings.Join(parts, ", ")
}

// draws samples so many labelled clips a class, as often as the method wants.
// All methods draw the same clips, and fewer shots draw from among more: what
// differs between two numbers is the method or the shots, not the luck.
func draws(p Plan, m Method, shots int, train probe.Features) ([]probe.Features, error) {
	if shots == 0 {
		return []probe.Features{train}, nil
	}
	var out []probe.Features
	for draw := 1; draw <= m.Draws; draw++ {
		rows, err := pickShots(train, shots, p.rng("shots", strconv.Itoa(draw)))
		if err != nil {
			return nil, err
		}
		out = append(out, train.Take(rows))
	}
	return out, nil
}

func pickShots(train probe.Features, shots int, rng *rand.Rand) ([]int, error) {
	if train.Truth != nil {
		return probe.ShotsMulti(train.Truth, train.Groups, train.Classes, shots, rng)
	}
	return probe.Shots(train.Labels, train.Groups, train.Classes, shots, rng)
}

// row is what a person calls all draws of this experiment.
func (e *experiment) row() string {
	if e.prompts != "" {
		return e.label() + " (" + e.prompts + ")"
	}
	return e.label()
}

// label is the method and what varies: "linear probe, 16 shots".
func (e *experiment) label() string {
	parts := []string{e.method.Name}
	learner := e.method.Name
	if e.move != nil {
		learner = e.move.base.method.Name
		parts[0] += " after " + learner
	}
	switch {
	case learner == ZeroShot:
	case e.shots == 0:
		parts = append(parts, "all clips")
	default:
		parts = append(parts, words.Count(e.shots, "shot"))
	}
	if e.given != "" {
		parts = append(parts, e.given)
	}
	return strings.Join(parts, ", ")
}

// follows is a digest of all clips the classifier follows from.
func (e *experiment) follows() []byte {
	of := append(e.train.Digest(), e.validation.Digest()...)
	if e.move != nil {
		of = append(append(of, e.move.to.clips.Digest()...), e.move.base.follows()...)
	}
	return of
}

// sees returns clips without their frames where the method does not read them.
func (e *experiment) sees(clips probe.Features) probe.Features {
	if e.method.Frames {
		return clips
	}
	return clips.Pooled()
}

// at says whether the classifier is for clips of that site.
func (e *experiment) at(site string) bool { return e.move == nil || e.move.to.name == site }

// head is the result on a site before anything is measured.
func (e *experiment) head(p Plan, site string) pilot.Result {
	r := pilot.Result{
		Task: pilot.Classification, Method: e.method.Name, Label: e.label(), Prompts: e.prompts,
		Site: site, Shots: e.shots, Draw: e.draw, Params: map[string]string{},
	}
	if e.method.Name != ZeroShot {
		r.TrainSite = strings.Join(p.Split.Train, ", ")
		if r.TrainSite == "" {
			r.TrainSite = pilot.AllSites
		}
		r.Params["training clips"] = strconv.Itoa(e.train.Len())
	}
	if e.move != nil {
		r.Params["base"] = e.move.base.method.Name
		r.Params["clips of the site without labels"] = e.move.to.words()
	}
	for name, value := range e.settings {
		r.Params[name] = value
	}
	return r
}
