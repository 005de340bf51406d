package featurefile

import (
	"encoding/json"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// SplitsKey is the metadata of a feature file that says of every clip in which
// part it is, as a JSON list of train, test and val.
const SplitsKey = "splits"

// LoadParts reads a feature file that says in which part each clip is, "" being
// none. A part without clips has no rows. unit is as for Load.
func LoadParts(path string) (train, test, val probe.Features, unit bool, err error) {
	f, unit, err := Load(path)
	if err != nil {
		return train, test, val, unit, err
	}
	meta, err := Metadata(path)
	if err != nil {
		return train, test, val, unit, err
	}
	var splits []string
	if list, ok := meta[SplitsKey]; ok {
		if err := json.Unmarshal([]byte(list), &splits); err != nil {
			return train, test, val, unit, fault.New(fault.Input, "", "load features %s: metadata: %s is not a list of names: %w", path, SplitsKey, err)
		}
	}
	if len(splits) != f.Len() {
		return train, test, val, unit, fault.New(fault.Input, "framepilot embed MANIFEST writes it; or name two files, --train and --test",
			"load features %s: %d of %d clips are said to be of train, test or val", path, len(splits), f.Len())
	}
	rows := map[string][]int{}
	for i, s := range splits {
		if s != "" && s != "train" && s != "test" && s != "val" {
			return train, test, val, unit, fault.New(fault.Input, "", "load features %s: clip %d is of %q, want train, test or val", path, i, s)
		}
		rows[s] = append(rows[s], i)
	}
	return f.Take(rows["train"]), f.Take(rows["test"]), f.Take(rows["val"]), unit, nil
}
