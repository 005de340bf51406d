package featurefile

import (
	"encoding/json"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// SplitsKey is the metadata of a feature file that says of every clip in which
// part it is, as a JSON list of train, test and val.
const SplitsKey = "splits"

// Parts divides the features of a file that says in which part each clip is, ""
// being none. A part without clips has no rows.
func Parts(path string, f probe.Features) (train, test, val probe.Features, err error) {
	meta, err := Metadata(path)
	if err != nil {
		return train, test, val, err
	}
	var splits []string
	if list, ok := meta[SplitsKey]; ok {
		if err := json.Unmarshal([]byte(list), &splits); err != nil {
			return train, test, val, fault.New(fault.Input, "", "load features %s: metadata: %s is not a list of names: %w", path, SplitsKey, err)
		}
	}
	if len(splits) != f.Len() {
		return train, test, val, fault.New(fault.Input, "framepilot embed MANIFEST -o F.safetensors writes it; or name two files, --train and --test",
			"load features %s: %d of %d clips are said to be of train, test or val", path, len(splits), f.Len())
	}
	rows := map[string][]int{}
	for i, s := range splits {
		if s != "" && s != "train" && s != "test" && s != "val" {
			return train, test, val, fault.New(fault.Input, "", "load features %s: clip %d is of %q, want train, test or val", path, i, s)
		}
		rows[s] = append(rows[s], i)
	}
	return f.Take(rows["train"]), f.Take(rows["test"]), f.Take(rows["val"]), nil
}
