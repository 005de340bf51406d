package adapt

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// Recipe is a way to answer a pilot's question, by what it asks of people.
type Recipe string

// The recipes, from the fewest labels to the most.
const (
	RecipeWords   Recipe = "zero-shot" // the model's own judgement; labels only to measure it
	RecipeFewShot Recipe = "few-shot"  // 1, 4, 16 labelled clips a class beside the words
	RecipeProbe   Recipe = "probe"     // all labelled clips
	RecipeSite    Recipe = "new-site"  // learned at the first site, carried to the others as it is and by what needs no labels there
)

// RecipeNames lists the recipes in the order of Recipe's constants.
func RecipeNames() []string {
	return []string{string(RecipeWords), string(RecipeFewShot), string(RecipeProbe), string(RecipeSite)}
}

// Draft is what a new plan is made of.
type Draft struct {
	Name, Question, Model string
	Sites                 []DraftSite // at least one
	Recipe                Recipe
	Shots                 []int  // labelled clips a class to try; none = 1, 4 and 16
	Report                string // file of the report, beside the plan; "" = report.html
}

// DraftSite is a folder with one folder a class.
type DraftSite struct {
	Name    string
	Folder  string // as the plan will write it
	GroupBy string // how clips name their recording, where a pattern was found
}

// FindSites looks below dir for folders that hold one folder a class: dir
// itself, its folders, or theirs. Names are relative to from, the folder of
// the plan.
func FindSites(dir, from string) ([]DraftSite, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fault.Say(fault.Input, words.Say("to use the list, write manifest = %q in the plan, in place of folders: docs/data.md", filepath.Base(dir)),
			"%s is a file; a plan is drafted from folders of clips", dir)
	}
	const depth = 3
	found, err := findSites(dir, depth)
	if err != nil {
		return nil, fault.New(fault.Input, "name a folder that can be read", "look for clips: %w", err)
	}
	if len(found) == 0 {
		return nil, fault.New(fault.Input, "put the clips of each class into a folder with its name: clips/lift/a.mp4, clips/drop/b.mp4; folders of that kind are a site",
			"%s holds no folder with one folder of videos a class", dir)
	}
	var sites []DraftSite
	taken := map[string]bool{}
	for _, path := range found {
		s := DraftSite{Name: siteName(path), Folder: fromPlan(path, from)}
		for n := 2; taken[s.Name]; n++ {
			s.Name = siteName(path) + "-" + strconv.Itoa(n)
		}
		taken[s.Name] = true
		items, _, err := readFolders(path, path, s.Name)
		if err != nil {
			return nil, err
		}
		s.GroupBy = guessRecordings(items)
		sites = append(sites, s)
	}
	return sites, nil
}

// ClipsFolder is the folder that FindSites finds the sites of a plan in, as the
// plan writes it; "" where they are no folders, or of several places.
func (p Plan) ClipsFolder() string {
	folder := ""
	for _, site := range p.Data {
		at := site.Folders
		if at != "" && len(p.Data) > 1 {
			at = filepath.Dir(at)
		}
		if at == "" || folder != "" && at != folder {
			return ""
		}
		folder = at
	}
	return folder
}

// findSites returns the folders of classes at dir or below it, in order.
func findSites(dir string, depth int) ([]string, error) {
	list, err := entries(dir)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, e := range list {
		if e.IsDir() {
			folders = append(folders, filepath.Join(dir, e.Name()))
		}
	}
	for _, f := range folders {
		if holdsClips(f) {
			return []string{dir}, nil
		}
	}
	var found []string
	for _, f := range folders {
		if depth == 0 {
			break
		}
		below, err := findSites(f, depth-1)
		if err != nil {
			return nil, err
		}
		found = append(found, below...)
	}
	return found, nil
}

// holdsClips says whether a folder is one of a class: clips lie in it.
func holdsClips(dir string) bool {
	list, err := entries(dir)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(list, func(e fs.DirEntry) bool {
		if e.IsDir() {
			return video.IsFrameFolder(filepath.Join(dir, e.Name()))
		}
		return video.Supported(e.Name()) && !video.IsFrameFolder(dir)
	})
}

// siteName is a folder's name as a key of a plan.
func siteName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

// fromPlan is a path as a plan in the folder from writes it.
func fromPlan(path, from string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	if base, err := filepath.Abs(from); err == nil {
		if rel, err := filepath.Rel(base, abs); err == nil && (filepath.IsLocal(rel) || rel == ".") {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(abs)
}

// recordingPatterns are how people name the recording in a clip's path.
var recordingPatterns = []string{
	`_(g\d+)_c\d+`, // UCF101
	`((?:rec|recording|vid|video|seq|take)[-_]?\d+)`,
	`(\d{4}-?\d{2}-?\d{2})`, // the day it was filmed on
	`((?:cam|camera)[-_]?\d+)`,
}

// guessRecordings is the first pattern that finds a recording in every clip's
// path, and puts clips together; "" where none does.
func guessRecordings(items []Item) string {
	const few = 4 // recordings, fewer can't be split fairly
	for _, pattern := range recordingPatterns {
		re := regexp.MustCompile(pattern)
		groups := map[string]bool{}
		for _, item := range items {
			m := re.FindStringSubmatch(filepath.ToSlash(item.ID))
			if m == nil {
				groups = nil
				break
			}
			groups[m[1]] = true
		}
		if len(groups) >= few && len(groups) < len(items) {
			return pattern
		}
	}
	return ""
}

// TOML is the draft as a plan, with comments for whoever reviews it.
func (d Draft) TOML() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# A plan for `framepilot run`, drafted as recipe %q. Change what you", d.Recipe)
	line("# like: a key the program doesn't know stops it before anything is computed.")
	line("# docs/plan.md lists them all.\n")
	line("schema   = 1")
	line("name     = %s", strconv.Quote(d.Name))
	if d.Question != "" {
		line("question = %s", strconv.Quote(d.Question))
	}
	line("seed     = 1                    # every random choice follows from it\n")
	line("[model]")
	line("id     = %s", strconv.Quote(d.Model))
	line("recipe = \"features\"           # the whole picture; \"eval\" cuts the margins off\n")
	for _, s := range d.Sites {
		line("[data.%s]", quoteKey(s.Name))
		line("folders  = %s", strconv.Quote(s.Folder))
		if s.GroupBy != "" {
			line("group_by = '%s'    # the recording, found in the names of the clips; clips of one are never split", s.GroupBy)
		} else {
			line("# group_by = '(cam\\d+)'       # name the recording, if clips share one: it is never split between training and test")
		}
		line("")
	}
	if len(d.Sites) > 1 {
		line("[split]")
		line("train = [%s]                 # what is learned comes from here; the other sites say what a new site costs\n", strconv.Quote(d.Sites[0].Name))
	}
	line("[prompts.names]")
	line("templates = [\"a video of {}\"]  # {} is the class; say more of a class below if its name says little")
	line("# [prompts.names.classes]")
	line("# jam = [\"parts standing still on the belt\"]\n")
	d.methods(line)
	line("[report]")
	line("files = [%s]", strconv.Quote(cmp.Or(d.Report, usualReport)))
	return b.String()
}

// methods writes what a recipe tries. All of them ask the model in words too:
// it costs no labels, and says what the labels are worth.
func (d Draft) methods(line func(string, ...any)) {
	shots := d.Shots
	if len(shots) == 0 {
		shots = []int{1, 4, 16}
	}
	var list []string
	for _, n := range shots {
		list = append(list, strconv.Itoa(n))
	}
	each := strings.Join(list, ", ")
	line("[[method]]\nname = \"zero-shot\"             # no labels at all\n")
	switch d.Recipe {
	case RecipeFewShot:
		line("[[method]]\nname  = \"nearest-mean\"         # the mean of the labelled clips of a class\nshots = [%s]            # labelled clips a class\n", each)
		line("[[method]]\nname  = \"gda\"                  # labelled clips beside the words\nshots = [%s]\n", each)
	case RecipeProbe:
		line("[[method]]\nname  = \"logistic\"             # the linear probe\nshots = [%s, 0]         # labelled clips a class; 0 = all there are\n", each)
	case RecipeSite:
		line("[[method]]\nname  = \"logistic\"             # learned at the first site from all its training clips\nshots = [0]\n")
		line("[[method]]\nname  = \"gda\"                  # the same beside the words, which travel well\nshots = [0]\n")
		line("# What may help at a new site without its labels. Each takes the logistic above there and is scored there only.")
		line("[[method]]\nname  = \"em-prior\"             # if other events are more frequent there\nbase  = \"logistic\"\nshots = [0]\n")
		line("[[method]]\nname  = \"linear-ot\"            # if clips look different there: a formula moves them\nbase  = \"logistic\"\nshots = [0]\n")
		line("[[method]]\nname  = \"shot\"                 # half that way, then a small trained step, held back where it is not safe\nbase  = \"logistic\"\nshots = [0]\n")
	}
}

// quoteKey is a name as a key of TOML.
func quoteKey(name string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}
