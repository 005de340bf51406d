package adapt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// resultsVersion is part of every key of a result. Raise it when the same
// inputs come to give other numbers, so that old ones are measured again.
const resultsVersion = 2

// runKey names everything the results of a run follow from: what the plan
// asks, how its numbers are computed and shown, and the content of every clip.
func runKey(p Plan, features string, jobs []clipJob) string {
	items, parts := make([]Item, len(jobs)), make([]any, len(jobs))
	for i, j := range jobs {
		items[i], parts[i] = j.item, j.address
	}
	return pin([]any{resultsVersion, p.Test, lookKey(p, features, items), parts})
}

// lookKey names what the labels of test clips are looked at for: the plan,
// less what decides nothing, the way features are made, and what is said of
// every clip. A file that is repaired, or left out because it can't be read,
// makes no other look of it.
func lookKey(p Plan, features string, items []Item) string {
	p.Question, p.File, p.Text, p.Report, p.Limits, p.Test, p.Rates = "", "", "", ReportPlan{}, Limits{}, TestPlan{}, RatesPlan{}
	p.Data = nil // what it led to is named clip by clip
	parts := make([]any, len(items))
	for i, item := range items {
		parts[i] = []any{item.ID, item.Label, item.Labels, item.Group, item.Site, item.Split, item.Caption}
	}
	return pin([]any{p, features, parts})
}

// resultKey names a result by its place in the plan, so that lists are in the
// order of the plan, and by everything it follows from.
func resultKey(place int, parts ...any) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d", resultsVersion)
	for _, part := range parts {
		fmt.Fprintf(h, " %q", fmt.Sprint(part))
	}
	return fmt.Sprintf("%04d-%s", place, hex.EncodeToString(h.Sum(nil)[:6]))
}
