package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// What a person may have meant who named a place where nothing is.

// hasLedger is an error that says where else there is a ledger, if the folder
// has none.
func hasLedger(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Missing, "name the folder of a pilot, the one that holds plan.toml: --pilot DIR", "no folder %s", dir)
	}
	if adapt.HasLedger(dir) {
		return nil
	}
	var near []string
	for _, other := range append([]string{filepath.Join(dir, "..")}, adapt.PilotsBelow(dir)...) {
		if adapt.HasLedger(other) {
			near = append(near, "--pilot "+other)
		}
	}
	hint := "framepilot run PLAN makes one, and so does framepilot pilot new PILOT --by NAME; of a pilot elsewhere: --pilot DIR"
	if len(near) > 0 {
		hint = words.FirstFew(near, 5, ", or ") + "; here framepilot run PLAN makes one"
	}
	return fault.New(fault.Missing, hint, "no ledger at %s", adapt.LedgerFile(dir))
}

// lost is the way out for who named a file that is not there; "" where that is
// not what went wrong.
func lost(err error) words.Sentence {
	var p *fs.PathError
	if !errors.As(err, &p) || !errors.Is(p.Err, fs.ErrNotExist) {
		return words.Sentence{}
	}
	dir, kind := filepath.Dir(p.Path), filepath.Ext(p.Path)
	list, err := os.ReadDir(dir)
	if err != nil {
		return words.Say("check the path: there is no folder %s", dir)
	}
	var files, alike []string
	for _, e := range list {
		if e.IsDir() {
			continue
		}
		files = append(files, e.Name())
		if strings.EqualFold(filepath.Ext(e.Name()), kind) {
			alike = append(alike, e.Name())
		}
	}
	meant := words.Nearest(filepath.Base(p.Path), files)
	switch {
	case meant != "":
		return words.Say("check the path; did you mean %q?", meant)
	case len(alike) > 0:
		return words.Say("check the path; in %s there is %s", dir, words.Few(words.Plains(alike), 5, ", "))
	}
	return words.Say("check the path; nothing in %s is called like that", dir)
}
