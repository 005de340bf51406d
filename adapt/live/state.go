package live

import (
	"cmp"
	"time"

	"framepilot/internal/words"
	"framepilot/pilot"
)

// State is what the events of a run come to: of its latest process only,
// where it was stopped and begun again.
type State struct {
	Run      string           `json:"run"`
	Status   string           `json:"status"` // running, paused, done, failed or interrupted, as the log says
	Why      string           `json:"why,omitempty"`
	Said     words.Sentence   `json:"-"` // Why, to be worded in other languages
	Begun    time.Time        `json:"begun"`
	Last     time.Time        `json:"last"`  // of the latest event
	Stage    string           `json:"stage"` // the one at work
	Row      string           `json:"row,omitempty"`
	Stages   []StageState     `json:"stages"`   // that ended
	Now      Event            `json:"progress"` // of clips
	Numbers  Event            `json:"measured"` // the latest result: Done of Total, Cached of them known before
	Results  []string         `json:"results"`  // the lines they were told in
	Latest   words.Sentence   `json:"-"`        // the last of them, to be worded in other languages
	Failed   []Trouble        `json:"failed"`   // clips
	Warned   []string         `json:"warnings"`
	Warnings []words.Sentence `json:"-"` // Warned, to be worded in other languages

	// Spent is how long processes worked on the run, pauses and the time between
	// them left out, up to Last.
	Spent    time.Duration `json:"spent"`
	Forecast *Forecast     `json:"forecast"` // the latest; nil where none was made
	asOf     time.Duration // spent when it was made
	working  bool          // time goes on being spent after Last

	rates []Pace // between two looks, of the last minutes
}

// StageState is a stage that ended.
type StageState struct {
	Stage  string         `json:"stage"`
	Status string         `json:"status"`
	Text   string         `json:"text"`
	Said   words.Sentence `json:"-"` // Text, to be worded in other languages
}

// Trouble is a clip that can't be used, and what to do about it.
type Trouble struct {
	Clip string         `json:"clip,omitempty"`
	Text string         `json:"text"` // which and why
	Hint string         `json:"hint,omitempty"`
	Said words.Sentence `json:"-"` // Text and Hint, to be worded in other languages
	Fix  words.Sentence `json:"-"`
}

// add takes in one more event.
func (s *State) add(e Event) {
	begins := e.Kind == EventStage && e.Stage == StageData && e.Status == "started" // the first word of a process
	if s.working && !begins && e.Time.After(s.Last) {
		s.Spent += e.Time.Sub(s.Last)
	}
	if begins && s.Status == string(pilot.Done) {
		s.Spent = 0 // it came to its end: what is done now is done for another reason
	}
	s.working = s.working || begins
	if e.Kind == EventRun && (e.Status == "started" || e.Status == "resumed") {
		*s = State{Begun: e.Time, Status: string(pilot.Running), Stage: s.Stage, Warned: s.Warned, Warnings: s.Warnings, Spent: s.Spent, working: true}
	}
	s.Run, s.Last = cmp.Or(e.Run, s.Run), e.Time
	switch e.Kind {
	case EventForecast:
		s.Forecast, s.asOf = e.Forecast, s.Spent
	case EventRun:
		switch e.Status {
		case EventPaused, string(pilot.Running), string(pilot.Done), string(pilot.Failed), string(pilot.Interrupted):
			s.Status, s.working = e.Status, e.Status == string(pilot.Running)
			if s.Why, s.Said = e.Text, e.Said.Or(e.Text); s.working {
				s.Why, s.Said = "", words.Sentence{} // it goes on, and there is nothing to explain
			}
		}
	case EventStage:
		if e.Status == "started" {
			s.Stage, s.Row = e.Stage, e.Text
			if begins {
				s.Warned, s.Warnings = nil, nil
			}
			return
		}
		s.Stages = append(s.Stages, StageState{e.Stage, e.Status, e.Text, e.Said.Or(e.Text)})
	case EventProgress:
		s.pace(e)
		s.Now = e
	case EventResult:
		s.Results, s.Latest = append(s.Results, e.Text), e.Said.Or(e.Text)
		s.Numbers = e
	case EventFailure:
		s.Failed = append(s.Failed, Trouble{e.Clip, e.Text, e.Hint, e.Said.Or(e.Text), e.Fix.Or(e.Hint)})
	case EventWarning:
		s.Warned, s.Warnings = append(s.Warned, e.Text), append(s.Warnings, e.Said.Or(e.Text))
	}
}

// Ended says whether the log says how the run ended. A process that was killed
// did not: see RunningIn.
func (s State) Ended() bool {
	return s.Status == string(pilot.Done) || s.Status == string(pilot.Failed) || s.Status == string(pilot.Interrupted)
}
