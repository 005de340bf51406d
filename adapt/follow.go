package adapt

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
)

// EventsFile is where the event log of a run of the pilot in dir is.
func EventsFile(dir, run string) string {
	return filepath.Join(dir, stateDir, "runs", run, "events.jsonl")
}

// RunLog is a run that has an event log.
type RunLog struct {
	Run     string    `json:"run"`
	Written time.Time `json:"written"` // when something was last said
}

// RunLogs lists the runs of the pilot in dir, the one that spoke last first.
func RunLogs(dir string) ([]RunLog, error) {
	entries, err := os.ReadDir(filepath.Join(dir, stateDir, "runs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diskFault("list the runs", err)
	}
	var logs []RunLog
	for _, e := range entries {
		if st, err := os.Stat(EventsFile(dir, e.Name())); err == nil {
			logs = append(logs, RunLog{e.Name(), st.ModTime()})
		}
	}
	slices.SortFunc(logs, func(a, b RunLog) int {
		return cmp.Or(b.Written.Compare(a.Written), strings.Compare(a.Run, b.Run))
	})
	return logs, nil
}

// Follower reads an event log as it grows and knows what it comes to.
type Follower struct {
	path  string
	at    int64 // bytes read
	state RunState
}

// RunState is what the events of a run come to: of its latest process only,
// where it was stopped and begun again.
type RunState struct {
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

	rates []pace // between two looks, of the last minutes
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

// Follow begins to read the log of a run of the pilot in dir.
func Follow(dir, run string) *Follower { return &Follower{path: EventsFile(dir, run)} }

// Look reads what was written since the last look. Half a line, as a killed
// process leaves it, is left for later.
func (f *Follower) Look() (RunState, []Event, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return f.state, nil, fault.New(fault.Missing, "framepilot runs lists what there is", "event log: %w", err)
	}
	defer file.Close()
	if _, err := file.Seek(f.at, io.SeekStart); err != nil {
		return f.state, nil, diskFault("read the event log", err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return f.state, nil, diskFault("read the event log", err)
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	f.at += int64(end)
	var fresh []Event
	for line := range bytes.Lines(text[:end]) {
		var e Event
		if json.Unmarshal(line, &e) != nil {
			continue // the half line of a killed process, ended by the next one
		}
		fresh = append(fresh, e)
		f.state.add(e)
	}
	return f.state, fresh, nil
}

// add takes in one more event.
func (s *RunState) add(e Event) {
	begins := e.Kind == EventStage && e.Stage == StageData && e.Status == "started" // the first word of a process
	if s.working && !begins && e.Time.After(s.Last) {
		s.Spent += e.Time.Sub(s.Last)
	}
	if begins && s.Status == string(pilot.Done) {
		s.Spent = 0 // it came to its end: what is done now is done for another reason
	}
	s.working = s.working || begins
	if e.Kind == EventRun && (e.Status == "started" || e.Status == "resumed") {
		*s = RunState{Begun: e.Time, Status: string(pilot.Running), Stage: s.Stage, Warned: s.Warned, Warnings: s.Warnings, Spent: s.Spent, working: true}
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
func (s RunState) Ended() bool {
	return s.Status == string(pilot.Done) || s.Status == string(pilot.Failed) || s.Status == string(pilot.Interrupted)
}

// remembered is how many speeds the spread is taken over.
const remembered = 60

// pace notes the speed since the last progress. It follows from the mean rates
// the run states, which leave out its pauses.
func (s *RunState) pace(e Event) {
	took := func(e Event) float64 {
		if e.Rate <= 0 {
			return 0
		}
		return float64(e.Done-e.Cached) / e.Rate
	}
	p := pace{e.Done - e.Cached - (s.Now.Done - s.Now.Cached), took(e) - took(s.Now)}
	if s.Now.Total != e.Total {
		p = pace{e.Done - e.Cached, took(e)}
	}
	if p.N <= 0 || p.Seconds <= 0 {
		return
	}
	s.rates = append(s.rates, p)
	s.rates = s.rates[max(0, len(s.rates)-remembered):]
}

// Remaining is how long the embedding of the rest takes, and how far it may be
// off either way: two standard errors of the recent seconds a clip, a ratio of
// sums, so that a few clips that were decoded ahead do not count for many
// (Cochran, Sampling Techniques, 1977, 2.11). ok is false as long as too little
// was seen.
func (s RunState) Remaining() (left, spread time.Duration, ok bool) {
	n := float64(len(s.rates))
	if n < 3 || s.Now.Done >= s.Now.Total {
		return 0, 0, false
	}
	all := total(s.rates)
	var square float64
	for _, p := range s.rates {
		off := p.Seconds - all.each()*float64(p.N)
		square += off * off
	}
	clips := float64(s.Now.Total - s.Now.Done)
	seconds, off := clips*all.each(), clips*2*math.Sqrt(square*n/(n-1))/float64(all.N)
	return time.Duration(seconds * float64(time.Second)), time.Duration(off * float64(time.Second)), true
}

// total is several measurements as one.
func total(list []pace) (all pace) {
	for _, p := range list {
		all.N, all.Seconds = all.N+p.N, all.Seconds+p.Seconds
	}
	return all
}

// Worked is how long processes worked on the run by now; alive says whether one
// still does.
func (s RunState) Worked(now time.Time, alive bool) time.Duration {
	if alive && s.working && now.After(s.Last) {
		return s.Spent + now.Sub(s.Last)
	}
	return s.Spent
}

// Left is how long the rest of the run takes, and how far that may be off
// either way: clips at their recent speed, what comes after them as it was
// forecast. ok is false where that is not known.
func (s RunState) Left(now time.Time) (left, spread time.Duration, ok bool) {
	if s.Forecast == nil {
		return 0, 0, false
	}
	seconds := func(e *Estimate) (middle, off time.Duration) {
		return time.Duration(*e.Seconds * float64(time.Second)), time.Duration((*e.High - *e.Low) / 2 * float64(time.Second))
	}
	switch after := s.Forecast.After; {
	case s.Stage == StageEmbed && after != nil && after.Seconds != nil:
		if left, spread, ok = s.Remaining(); ok {
			middle, off := seconds(after)
			return left + middle, spread + off, true
		}
	case s.Stage != StageEmbed && s.Forecast.After == nil && s.Forecast.Seconds != nil:
		middle, off := seconds(&s.Forecast.Estimate)
		return max(0, middle-(s.Worked(now, true)-s.asOf)), off, true
	}
	return 0, 0, false
}

// Recent is the speed of the last minutes, in clips a second; 0 where it is
// not known.
func (s RunState) Recent() float64 {
	if len(s.rates) == 0 {
		return 0
	}
	return 1 / total(s.rates[max(0, len(s.rates)-10):]).each()
}

// Speeds are the speeds the spread is taken over, in clips a second, oldest
// first.
func (s RunState) Speeds() (all []float64) {
	for _, p := range s.rates {
		all = append(all, 1/p.each())
	}
	return all
}

// Bottleneck is what the time of embedding mostly goes to: "decoding",
// "model", "disk", or "" where it is not known.
func (s RunState) Bottleneck() string {
	switch e := s.Now; {
	case e.Decoding+e.Model+e.Disk == 0:
		return ""
	case e.Model >= max(e.Decoding, e.Disk):
		return "model"
	case e.Decoding >= e.Disk:
		return "decoding"
	}
	return "disk"
}
