package adapt

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/pilot"
)

// killDir and killAt tell a child process which plan to carry out and when to
// kill itself, as abruptly as kill -9.
const killDir, killAt = "ADAPT_TEST_KILL_DIR", "ADAPT_TEST_KILL_AT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		runUntilKilled(dir, os.Getenv(killAt))
		os.Exit(3) // reached the end alive
	}
	os.Exit(m.Run())
}

func runUntilKilled(dir, when string) {
	die := func() {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {}
	}
	s := newSession()
	began := time.Now()
	s.opt.Now = func() time.Time { return began } // however slow this machine is, clips are sealed shard by shard
	s.model.before = func(batch int) error {
		if when == fmt.Sprint("batch ", batch) {
			die()
		}
		return nil
	}
	results, looks := 0, 0
	s.opt.Out = func(e live.Event) {
		if e.Kind == live.EventLook {
			looks++
			if when == fmt.Sprint("look ", looks) {
				die()
			}
		}
		if e.Kind == live.EventResult {
			results++
			if when == fmt.Sprint("result ", results) {
				die()
			}
		}
		if e.Stage == live.StageReport && when == "report" {
			die()
		}
	}
	p, err := ReadPlan(dir + "/plan.toml")
	if err == nil {
		p.Limits.Workers = 1
		_, err = Run(context.Background(), p, s.opt)
	}
	fmt.Fprintln(os.Stderr, "child ended:", err)
}

// Killed at any moment, a run loses at most the shard it was filling and ends,
// run again, in the same numbers, byte for byte.
func TestKilledRunsEndInTheSameNumbers(t *testing.T) {
	const perClass, clips = 24, 2 * 3 * 24
	whole := newPilotOf(t, perClass)
	mustRun(t, whole)
	want := numbers(t, whole)
	for when, lost := range map[string]int{
		"batch 1": clips, "batch 17": clips - shardSize, "batch 36": clips - 2*shardSize, "look 2": 0, "result 1": 0, "result 13": 0, "report": 0,
	} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			dir := newPilotOf(t, perClass)
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), killDir+"="+dir, killAt+"="+when)
			out, err := child.CombinedOutput()
			if err == nil || child.ProcessState.Exited() || strings.Contains(string(out), "child ended") {
				t.Fatalf("the child was not killed: %v\n%s", err, out)
			}
			sum, s := mustRun(t, dir)
			if s.reader.reads != lost {
				t.Errorf("%d clips read again, want %d", s.reader.reads, lost)
			}
			if numbers(t, dir) != want {
				t.Error("other numbers")
			}
			if rec := load(t, dir, sum.Run); rec.Run.Status != pilot.Done || !strings.HasSuffix(sum.Run, "-1") {
				t.Errorf("run %s is %s", sum.Run, rec.Run.Status)
			}
		})
	}
}
