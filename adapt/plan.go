package adapt

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"framepilot/internal/fault"
	"framepilot/internal/tomllines"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Plan is a scripted run as its TOML file says it, defaults filled in.
type Plan struct {
	Schema   int    `toml:"schema"`   // version of the plan format: 1
	Name     string `toml:"name"`     // the pilot's name
	Question string `toml:"question"` // what the pilot shall answer; stands on top of the report
	Seed     int64  `toml:"seed"`     // every random choice of the run derives from it

	Model     ModelPlan   `toml:"model"`
	Data      []Source    `toml:"data,named"` // at least one
	Split     SplitPlan   `toml:"split"`
	Test      TestPlan    `toml:"test"`
	Limits    Limits      `toml:"limits"`
	Prompts   []PromptSet `toml:"prompts,named"`
	Methods   []Method    `toml:"method"`
	Retrieval *Retrieval  `toml:"retrieval"` // nil: not measured
	Rates     RatesPlan   `toml:"rates"`
	Report    ReportPlan  `toml:"report"`

	File string `toml:"-"` // where the plan was read from; relative paths in it are relative to its folder
	Text string `toml:"-"` // the plan as written, kept in the ledger
}

// ModelPlan names the model and how clips are shown to it.
type ModelPlan struct {
	ID        string `toml:"id"`        // an imported model's name, a path, or "demo"
	SHA256    string `toml:"sha256"`    // of the checkpoint it was imported from; refused if different; "" = any
	Recipe    string `toml:"recipe"`    // "eval" or "features", the two published samplings
	Frames    int    `toml:"frames"`    // frames a clip; 0 = as many as the model was trained with
	Device    string `toml:"device"`    // "auto", "cpu", "cuda" or "cuda:N"
	Precision string `toml:"precision"` // "fp32", "bf16", or "auto" for the fastest the machine has

	KeepPatches Share `toml:"keep_patches"` // of each frame that are looked at; 0 = all

	Tokens bool `toml:"-" json:",omitempty"` // frames are embedded too: a method reads them
}

// Source is one table [data.NAME]: class folders or a manifest.
type Source struct {
	Name     string  `toml:"-"`        // the site, unless the manifest has a site column
	Folders  string  `toml:"folders"`  // a folder with one folder a class
	Captions string  `toml:"captions"` // beside folders: a table path,caption
	Manifest string  `toml:"manifest"` // a table path,label,split,group,site,start,end,caption, or another list of clips; see formats
	Format   string  `toml:"format"`   // of the manifest, name of one of lists.Formats; "" = by its name and content
	Root     string  `toml:"root"`     // what the manifest's paths are relative to; "" = the manifest's folder
	FPS      float64 `toml:"fps"`      // frames a second, where the manifest counts times in frames and does not say; 0 = not known
	Labels   string  `toml:"labels"`   // "none": the clips have no labels, or they are not to be seen; "" = they have
	Confirm  string  `toml:"confirm"`  // beside labels = "none": a table path,label of the few that have been labelled since
	GroupBy  string  `toml:"group_by"` // pattern whose first capture names a clip's recording, on its path with slashes
}

// SplitPlan says which clips may be learned from.
type SplitPlan struct {
	Train     []string `toml:"train"`      // sites the labelled training clips come from; none = all
	TestShare float64  `toml:"test_share"` // share of each site's recordings kept for testing, in (0, 1); a manifest's split column goes before it
	ValShare  float64  `toml:"val_share"`  // share of the training recordings settings are chosen on instead, in [0, 1); 0 = none: they are chosen on the training clips themselves
}

// Limits bounds a run.
type Limits struct {
	MaxFailed Share   `toml:"max_failed"`                  // tolerated share of failing clips
	MaxHours  float64 `toml:"max_hours" json:",omitempty"` // of work, pauses left out, after which a run ends with what is done sealed; 0 = no limit
	MaxCost   float64 `toml:"max_cost" json:",omitempty"`  // the same in money, at machine_per_hour of the pilot's rates; 0 = no limit
	Exclude   string  `toml:"exclude"`                     // clips to leave out: a quarantine list as runs write it, or a .csv with a column path; "" = none
	Workers   int     `toml:"workers"`                     // videos decoded at a time; 0 = one a core
	Batch     int     `toml:"batch"`                       // clips the model is given at a time; 0 = as many as it likes, at least 8
}

// PromptSet is one table [prompts.NAME]: the words a class is asked with.
type PromptSet struct {
	Name      string              `toml:"-"`
	Templates []string            `toml:"templates"` // each holds {} where the class goes; several are averaged
	Classes   map[string][]string `toml:"classes"`   // what to say for a class instead of its name; several are averaged
}

// Method is one table [[method]]: a classifier to fit and score.
type Method struct {
	Name    string   `toml:"name"`    // of Methods, e.g. zero-shot, nearest-mean, logistic, or of domain.Methods, e.g. coral
	Prompts []string `toml:"prompts"` // zero-shot: prompt sets, each scored on its own; none = all
	Shots   []int    `toml:"shots"`   // labelled clips a class, each scored on its own; 0 = all training clips
	Draws   int      `toml:"draws"`   // random choices of that many clips; 0 = 20 where the fit is a formula, else 5
	C       float64  `toml:"C"`       // inverse strength of the penalty, where the method has one; 0 = by grouped cross-validation on training rows

	// Of methods for a new site only. Left out where empty, the keys of older
	// plans' results stay what they were.
	Base   string   `toml:"base" json:",omitempty"`   // method whose classifier is taken there; "" = logistic
	Target []string `toml:"target" json:",omitempty"` // the new sites; none = every site nothing is learned from

	Set map[string]float64 `toml:"set"` // settings by name; what is not set is chosen on training clips
}

// readsWords says whether prompts play a part in the method.
func (m Method) readsWords() bool { return m.learns().Anchored || m.learner() == ZeroShot }

// multi says whether it is for clips that may be of several classes, only for
// those or too.
func (m Method) multi() (only, too bool) {
	method := m.learns()
	return method.Multi, method.Several != nil
}

// readsFrames says whether clips need the embeddings of their frames for it.
func (m Method) readsFrames() bool { return m.learns().Frames }

// learns is the method that is fitted to labelled clips, nothing where the plan
// names none there is.
func (m Method) learns() probe.Method {
	method, _ := probe.FindMethod(Methods(), m.learner())
	return method
}

// settings are what the plan sets, as text.
func (m Method) settings() map[string]string {
	given := map[string]string{}
	for name, value := range m.Set {
		given[name] = strconv.FormatFloat(value, 'g', -1, 64)
	}
	if m.C != 0 {
		given["C"] = strconv.FormatFloat(m.C, 'g', -1, 64)
	}
	return given
}

// Retrieval asks for text-to-video and video-to-text figures on test clips.
type Retrieval struct {
	Prompts     string `toml:"prompts"`      // prompt set of clips without a caption; "" = the first
	DualSoftmax bool   `toml:"dual_softmax"` // also with dual softmax, which looks at all queries at once
}

// ReportPlan says what is written when all is done.
type ReportPlan struct {
	Files   []string `toml:"files"`   // .html, .md, .json or .csv, by their ending
	Bundles string   `toml:"bundles"` // folder for a file of every classifier fitted to all training clips; "" = none
}

// Share is a part of a whole, in [0, 1]; in a plan "1%" or 0.01.
type Share float64

// UnmarshalText reads "1%" or "0.01".
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		x /= 100
	}
	if err != nil || !(x >= 0 && x <= 1) {
		return fmt.Errorf(`%q is not a share; write one like "1%%" or 0.01, from 0 to 1`, text)
	}
	*s = Share(x)
	return nil
}

// defaultPlan is what a plan that says nothing gets.
func defaultPlan() Plan {
	return Plan{
		Model:   ModelPlan{Recipe: "eval", Device: "auto", Precision: "auto"},
		Split:   SplitPlan{TestShare: 0.5},
		Limits:  Limits{MaxFailed: 0.01},
		Prompts: []PromptSet{{Name: "names"}}, // the published template
		Report:  ReportPlan{Files: []string{usualReport}},
	}
}

// ReadPlan reads and checks a plan file. Its errors are fault.Config and name
// every problem with file, line and key.
func ReadPlan(file string) (Plan, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return Plan{}, fault.New(fault.Config, "name an existing plan, or start from the one `framepilot demo` writes", "plan %s: no such file", file)
	}
	if inside := filepath.Join(file, "plan.toml"); isDir(file) {
		hint := words.Say("name a plan; `framepilot plan new` writes one")
		if _, err := os.Stat(inside); err == nil {
			hint = words.Say("name the plan in it: %s", inside)
		}
		return Plan{}, fault.Say(fault.Config, hint, "plan %s: is a folder", file)
	}
	if err != nil {
		return Plan{}, fault.New(fault.Config, "check that you may read it", "plan %s: %w", file, err)
	}
	return ParsePlan(file, string(text))
}

// ParsePlan reads and checks the text of a plan; file is its place, for
// messages and for the relative paths in it.
func ParsePlan(file, text string) (Plan, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	var tree map[string]any
	meta, err := toml.Decode(text, &tree)
	if err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			err = fmt.Errorf("plan %s:%d:%d: %s", file, syntax.Position.Line, syntax.Position.Col, syntax.Message)
		} else {
			err = fmt.Errorf("plan %s: %w", file, err)
		}
		return Plan{}, fault.New(fault.Config, "mend that line; the plan `framepilot demo` writes is a good example", "%w", err)
	}

	plan := defaultPlan()
	plan.File, plan.Text = file, text
	found := &problems{file: file, lines: tomllines.Find(text)}
	newBinder(found, meta.Keys()).table("", tree, reflect.ValueOf(&plan).Elem())
	if err := found.err(); err != nil {
		return Plan{}, err
	}
	if err := plan.Check(); err != nil {
		return Plan{}, err
	}
	return plan, nil
}

// Check fills in the defaults and reports everything wrong with a plan that
// can be told without opening a file it names. ParsePlan has done so; a plan
// made in Go needs it before it is run.
func (p *Plan) Check() error {
	found := &problems{file: p.File, lines: tomllines.Find(p.Text)}
	p.fill()
	p.check(found)
	return found.err()
}

// fill gives what depends on the plan's own words its default.
func (p *Plan) fill() {
	p.Test.Looks = cmp.Or(p.Test.Looks, 1)
	p.Test.Alpha = cmp.Or(p.Test.Alpha, 0.1)
	if len(p.Prompts) == 0 { // a table [prompts] without a set in it
		p.Prompts = defaultPlan().Prompts
	}
	for i := range p.Prompts {
		if len(p.Prompts[i].Templates) == 0 {
			p.Prompts[i].Templates = []string{probe.DefaultTemplate}
		}
	}
	for i := range p.Methods {
		m := &p.Methods[i]
		if m.forSite() {
			m.Base = cmp.Or(m.Base, defaultBase)
		}
		p.Model.Tokens = p.Model.Tokens || m.readsFrames()
		if len(m.Prompts) == 0 && m.readsWords() {
			for _, set := range p.Prompts {
				m.Prompts = append(m.Prompts, set.Name)
			}
		}
		if len(m.Shots) == 0 && m.learner() != ZeroShot {
			m.Shots = []int{0}
		}
		if m.Draws == 0 {
			m.Draws = defaultDraws(m.Name)
		}
	}
	if p.Retrieval != nil && p.Retrieval.Prompts == "" {
		p.Retrieval.Prompts = p.Prompts[0].Name
	}
}

// Dir is the folder relative paths in the plan are relative to.
func (p Plan) Dir() string { return filepath.Dir(p.File) }

// Resolve turns a path as the plan writes it into one that can be opened.
func (p Plan) Resolve(path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.Dir(), path)
}

// promptSet returns the prompt set of that name, which the plan was checked to
// have.
func (p Plan) promptSet(name string) PromptSet {
	return p.Prompts[slices.IndexFunc(p.Prompts, func(set PromptSet) bool { return set.Name == name })]
}
