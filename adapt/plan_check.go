package adapt

import (
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"framepilot/adapt/lists"
	"framepilot/domain"
	"framepilot/internal/tomllines"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/pilot"
	"framepilot/probe"
)

// ZeroShot is the one method that learns from no clips: it has prompts where
// the others have shots and draws.
const ZeroShot = pilot.ZeroShot

// maxDraws bounds the draws of one number of shots, far above what a mean and
// a worst tenth need: a slip of the hand would fill the disk.
const maxDraws = 1000

var (
	recipes     = []string{string(video.Eval), string(video.Features)}
	reportKinds = []string{".html", ".md", ".json", ".csv", ".xlsx"}
)

// methodNames lists what a plan may name.
func methodNames() (names []string) {
	for _, m := range Methods() {
		names = append(names, m.Name)
	}
	for _, m := range domain.Methods() {
		names = append(names, m.Name)
	}
	return names
}

// hasSetting says whether a method has a setting of that name.
func hasSetting(m probe.Method, name string) bool {
	return slices.ContainsFunc(m.Params, func(p probe.Param) bool { return p.Name == name })
}

// check adds everything a plan can be found wrong for without opening a file
// it names.
func (p Plan) check(found *problems) {
	if p.Schema != 1 {
		found.add("schema", "want schema = 1, the version of the plan format this program reads")
	}
	if strings.TrimSpace(p.Name) == "" {
		found.add("name", `missing; give the pilot a name, e.g. name = "line3"`)
	} else if strings.ContainsFunc(p.Name, unicode.IsControl) {
		found.add("name", "holds a control character")
	}
	if p.Seed < 0 {
		found.add("seed", "%d is negative; any whole number from 0 will do", p.Seed)
	}
	p.Model.check(found)
	p.checkData(found)
	p.checkSplit(found)
	if p.Test.Looks < 1 {
		found.add("test.looks", "%d is not a number of looks; 1 is a test that is read once", p.Test.Looks)
	}
	if !(p.Test.Alpha < 1) {
		found.add("test.alpha", "%v is not below 1; 0.1 lets the sets of one clip in ten miss the truth", p.Test.Alpha)
	}
	if c := p.Test.Conformal; c != "" && c != perClass {
		found.add("test.conformal", "%s", words.NoSuch("promise", c, []string{perClass}))
	}
	if h := p.Limits.MaxHours; !(h >= 0) || math.IsInf(h, 0) {
		found.add("limits.max_hours", "%v is no number of hours; 0 means no limit", h)
	}
	if c := p.Limits.MaxCost; !(c >= 0) || math.IsInf(c, 0) {
		found.add("limits.max_cost", "%v is no amount; 0 means no limit", c)
	}
	if p.Limits.Workers < 0 {
		found.add("limits.workers", "%d is negative; 0 means one a core", p.Limits.Workers)
	}
	if p.Limits.Batch < 0 {
		found.add("limits.batch", "%d is negative; 0 means as many as the model likes", p.Limits.Batch)
	}
	for _, set := range p.Prompts {
		set.check(found)
	}
	if len(p.Methods) == 0 && p.Retrieval == nil {
		found.add("method", `nothing to do; add a table like [[method]] with name = "zero-shot", or [retrieval]`)
	}
	for i, m := range p.Methods {
		m.check(found, fmt.Sprintf("method[%d]", i+1), p)
	}
	p.checkTwice(found)
	if p.Retrieval != nil {
		p.checkPromptName(found, "retrieval.prompts", p.Retrieval.Prompts)
	}
	p.Rates.assumptions(found)
	p.checkReport(found)
}

func (m ModelPlan) check(found *problems) {
	if m.ID == "" {
		found.add("model.id", `missing; name an imported model, or "demo" for the one inside the program`)
	}
	if m.SHA256 != "" {
		if sum, err := hex.DecodeString(m.SHA256); err != nil || len(sum) != 32 {
			found.add("model.sha256", "want the 64 hexadecimal digits of the checkpoint's SHA-256")
		}
	}
	if !slices.Contains(recipes, m.Recipe) {
		found.add("model.recipe", "%q is not a recipe; want %s", m.Recipe, words.Quoted(recipes))
	}
	if m.Frames < 0 {
		found.add("model.frames", "%d is negative; 0 means as many as the model was trained with", m.Frames)
	}
}

func (p Plan) checkData(found *problems) {
	if len(p.Data) == 0 {
		found.add("data", `no clips; add a table like [data.day] with folders = "day"`)
	}
	for _, s := range p.Data {
		key := tomllines.Child("data", s.Name)
		switch {
		case s.Folders == "" && s.Manifest == "":
			found.add(key, `names no clips; add folders = "..." (one folder a class) or manifest = "....csv"`)
		case s.Folders != "" && s.Manifest != "":
			found.add(key, "has folders and a manifest; keep one, or make two tables")
		}
		if s.Captions != "" && s.Manifest != "" {
			found.add(key+".captions", "goes with folders; a manifest has its own caption column")
		}
		if s.Labels != "" && s.Labels != noLabels {
			found.add(key+".labels", `%q is not known; write "none" for clips without labels, and nothing for clips with`, s.Labels)
		}
		if s.Labels == noLabels && slices.Contains(p.Split.Train, s.Name) {
			found.add(key+".labels", "split.train names this site; nothing can be learned from clips without labels")
		}
		if s.Confirm != "" && s.Labels != noLabels {
			found.add(key+".confirm", `goes with labels = "none"; where clips have labels, these confirm`)
		}
		if s.Confirm != "" && !lists.IsTable(s.Confirm) {
			found.add(key+".confirm", "%q has an unknown ending; want .csv, .tsv or .jsonl", s.Confirm)
		}
		if s.Root != "" && s.Manifest == "" {
			found.add(key+".root", "goes with a manifest")
		}
		if s.Format != "" && s.Manifest == "" {
			found.add(key+".format", "goes with a manifest")
		} else if _, err := lists.FindFormat(s.Format); s.Format != "" && err != nil {
			found.add(key+".format", "%v", err)
		}
		if !(s.FPS >= 0) || s.FPS > 1000 {
			found.add(key+".fps", "%v is no number of frames a second", s.FPS)
		}
		if s.Captions != "" && !lists.IsTable(s.Captions) {
			found.add(key+".captions", "%q has an unknown ending; want .csv, .tsv or .jsonl", s.Captions)
		}
		if s.GroupBy != "" {
			if re, err := regexp.Compile(s.GroupBy); err != nil {
				found.add(key+".group_by", "not a regular expression: %v", err)
			} else if re.NumSubexp() == 0 {
				found.add(key+".group_by", "captures nothing; put parentheses around the part that names the recording, e.g. '(rec\\d+)'")
			}
		}
	}
}

func (p Plan) checkSplit(found *problems) {
	if s := p.Split.TestShare; !(s > 0 && s < 1) {
		found.add("split.test_share", "%v is not between 0 and 1; 0.5 keeps half of each site's recordings for testing", s)
	}
	if s := p.Split.ValShare; !(s >= 0 && s < 1) {
		found.add("split.val_share", "%v is not from 0 to less than 1; 0.2 keeps a fifth of the training recordings to choose settings on", s)
	}
	if slices.ContainsFunc(p.Data, func(s Source) bool { return s.Manifest != "" }) {
		return // the sites of a manifest are known once it is read
	}
	var sites []string
	for _, s := range p.Data {
		sites = append(sites, s.Name)
	}
	for _, site := range p.Split.Train {
		if !slices.Contains(sites, site) {
			found.add("split.train", "%s", words.NoSuch("site", site, sites))
		}
	}
}

func (s PromptSet) check(found *problems) {
	key := tomllines.Child("prompts", s.Name)
	for _, t := range s.Templates {
		if !strings.Contains(t, "{}") {
			found.add(key+".templates", "%q has no {}, so that every class would get the same words; write e.g. %q", t, probe.DefaultTemplate)
		}
	}
	for class, words := range s.Classes {
		if len(words) == 0 || slices.Contains(words, "") {
			found.add(tomllines.Child(key+".classes", class), "no words; write what is seen, e.g. [\"a part moving up\"]")
		}
	}
}

func (p Plan) checkReport(found *problems) {
	for i, f := range p.Report.Files {
		if !slices.Contains(reportKinds, strings.ToLower(filepath.Ext(f))) {
			found.add("report.files", "%q has an unknown ending; want %s", f, strings.Join(reportKinds, ", "))
		} else if slices.Contains(p.Report.Files[:i], f) {
			found.add("report.files", "%q stands there twice", f)
		}
	}
}
