package adapt

import (
	"framepilot/adapt/lists"
	"framepilot/internal/words"
)

// Account is what was read of one list of clips.
type Account struct {
	Source  string   `json:"source"` // as the plan names it
	Format  string   `json:"format"` // name of one of lists.Formats
	What    string   `json:"what"`   // the format for people
	Clips   int      `json:"clips"`
	Classes int      `json:"classes"` // among the clips
	Known   int      `json:"known"`   // classes the list knows; 0 where it does not say
	Train   int      `json:"train"`
	Test    int      `json:"test"`
	Val     int      `json:"val"`
	Skipped []Skip   `json:"skipped"`
	Notes   []string `json:"notes"` // what reading it decided

	notes []words.Sentence
}

// Skip is clips of a list that are not used, and why.
type Skip struct {
	Why     string `json:"why"`
	Clips   int    `json:"clips"`
	Example string `json:"example"`
}

func account(s Source, l lists.Listing, items []Item) Account {
	a := Account{
		Source: s.Manifest, Format: l.Format.Name, What: l.Format.What, Clips: len(items), Known: len(l.Classes),
		Skipped: []Skip{}, Notes: []string{}, notes: l.Notes,
	}
	for _, n := range l.Notes {
		a.Notes = append(a.Notes, n.String())
	}
	classes := map[string]bool{}
	for _, item := range items {
		for _, label := range item.Labels {
			classes[label] = true
		}
		switch item.Split {
		case Train:
			a.Train++
		case Test:
			a.Test++
		case Val:
			a.Val++
		}
	}
	a.Classes = len(classes)
	for _, why := range sortedKeys(l.Skipped) {
		a.Skipped = append(a.Skipped, Skip{why, len(l.Skipped[why]), l.Skipped[why][0]})
	}
	return a
}

// String is the account in one line.
func (a Account) String() string { return a.said().String() }

func (a Account) said() words.Sentence {
	s := words.Say("%s: %s: %s", a.Source, words.Say(a.What), words.Counted(a.Clips, "clip"))
	if a.Classes > 0 {
		s = words.Say("%s of %s", s, words.Counted(a.Classes, "class"))
	}
	if a.Known > a.Classes {
		s = words.Say("%s (the list knows %d)", s, a.Known)
	}
	if a.Train+a.Test+a.Val > 0 {
		s = words.Say("%s: %d train, %d test", s, a.Train, a.Test)
	}
	if a.Val > 0 {
		s = words.Say("%s, %d val", s, a.Val)
	}
	for _, skip := range a.Skipped {
		s = words.Say("%s; %d left out: %s, e.g. %s", s, skip.Clips, words.Say(skip.Why), skip.Example)
	}
	return s
}

// worthSaying is the account and its notes; nothing for a plain table read in
// full.
func (a Account) worthSaying() []words.Sentence {
	if a.Format == lists.ClipTable && len(a.Skipped)+len(a.Notes) == 0 {
		return nil
	}
	return append([]words.Sentence{a.said()}, a.notes...)
}
