package adapt

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// ClipsIn lists the clips at paths, for jobs without a plan: a file or a
// folder of pictures is a clip, of any other folder every video below it is.
// Clips are named by their paths as given, each is a recording of its own, and
// none has a label. A clip named twice is listed once.
func ClipsIn(paths []string) (items []Item, warnings []words.Sentence, err error) {
	var missing []string
	seen := map[string]bool{}
	for _, path := range paths {
		st, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			missing = append(missing, path)
			continue
		}
		if err != nil {
			return nil, nil, fault.New(fault.Input, "", "%w", err)
		}
		w := &folderWalk{strange: map[string]int{}}
		if st.IsDir() && !video.IsFrameFolder(path) {
			if err := w.walk(filepath.Clean(path), ""); err != nil {
				return nil, nil, fault.New(fault.Input, "", "%w", err)
			}
			if len(w.items) == 0 {
				return nil, nil, fault.New(fault.Input, "name a folder with videos in it", "%s holds no clips", path)
			}
		} else {
			w.add(filepath.Clean(path), "")
		}
		warnings = append(warnings, w.warnings(path)...)
		for _, item := range w.items {
			item.ID = filepath.ToSlash(item.Path)
			item.Group = item.ID
			if !seen[item.ID] {
				seen[item.ID] = true
				items = append(items, item)
			}
		}
	}
	if len(missing) > 0 {
		return nil, nil, fault.New(fault.Input, "check the spelling, and that the disk or share is mounted",
			"not found: %s", words.FirstFew(missing, 10, ", "))
	}
	if len(items) == 0 {
		return nil, nil, fault.New(fault.Usage, "name a video or a folder", "%s named", words.Counted(len(paths), "path"))
	}
	return items, warnings, nil
}

// LedgerFile is where the ledger of the pilot in dir is, the folder of its plan.
func LedgerFile(dir string) string { return filepath.Join(dir, live.StateDir, "ledger.db") }

// HasLedger says whether the pilot in dir has a ledger.
func HasLedger(dir string) bool {
	_, err := os.Stat(LedgerFile(dir))
	return err == nil
}

// PilotOf is the name of the pilot that the plan.toml in dir belongs to, which
// is meant where none is named: pilot.Ledger.Own. The rest
// of the plan may be wrong: it is being written. It is "" where there is no
// name to be read.
func PilotOf(dir string) string {
	var p struct{ Name string }
	_, err := toml.DecodeFile(filepath.Join(dir, "plan.toml"), &p)
	if err != nil {
		return ""
	}
	return p.Name
}

// IsPilot says whether a folder holds a pilot, or at least its plan.
func IsPilot(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "plan.toml"))
	return err == nil || HasLedger(dir)
}

// PilotsBelow are the folders right below dir that hold a pilot; hidden ones
// are left out, and none are where dir can't be read.
func PilotsBelow(dir string) []string {
	var found []string
	list, _ := os.ReadDir(dir)
	for _, e := range list {
		if path := filepath.Join(dir, e.Name()); e.IsDir() && !strings.HasPrefix(e.Name(), ".") && IsPilot(path) {
			found = append(found, path)
		}
	}
	return found
}
