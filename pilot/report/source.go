package report

import (
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/pilot"
)

// Audience is whom a report is for.
type Audience string

// The audiences. An engineer is shown all; a board what it decides on: the
// summary, gates, decisions, money, typical failures and what comes next.
const (
	Engineer Audience = "engineer"
	Board    Audience = "board"
)

// ParseAudience reads an audience; "" is Engineer.
func ParseAudience(text string) (Audience, error) {
	switch a := Audience(text); a {
	case "":
		return Engineer, nil
	case Engineer, Board:
		return a, nil
	}
	return "", fault.New(fault.Usage, "choose board or engineer", "audience %q is not known", text)
}

// Options says how a report is made. The zero value is English, for an
// engineer, with names of clips and without pictures.
type Options struct {
	Language lang.Language
	Audience Audience
	Redact   bool       // clips get names that tell nothing, paths and pictures are left out
	Pictures Thumbnails // nil: none
}

// Thumbnails is the first frame of a clip, by its id, as a JPEG; ok is false
// where there is none to be had.
type Thumbnails func(clip string) (jpeg []byte, ok bool)

// Source is what a report was made from: enough to make it again.
type Source struct {
	Run      string        `json:"run"`
	Before   string        `json:"before,omitempty"`  // the run it is compared with
	Journal  string        `json:"journal,omitempty"` // hash of the last entry that was read
	Language lang.Language `json:"language"`
	Audience Audience      `json:"audience"`
	Redacted bool          `json:"redacted,omitempty"`
}

func newSource(d pilot.Dossier, o Options) Source {
	s := Source{Run: d.Record.Run.ID, Journal: d.Journal(), Language: o.Language, Audience: o.Audience, Redacted: o.Redact}
	if d.Since != nil {
		s.Before = d.Since.Before.Run
	}
	if s.Language == "" {
		s.Language = lang.English
	}
	if s.Audience == "" {
		s.Audience = Engineer
	}
	return s
}
