package export

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"framepilot/internal/fault"
	"framepilot/internal/needed"
	"framepilot/pilot"
	"framepilot/pilot/gate"
)

func sample() pilot.Record {
	return pilot.Record{
		Run: pilot.Run{
			ID: "r1", Pilot: `line "3"`, Question: "does it\nwork?", Seed: 7, Started: time.UnixMilli(1000), Finished: time.UnixMilli(2000),
			Params:      map[string]string{"model": "b16", "model_sha256": "abc", "odd:key": strings.Repeat("長", 700)},
			Environment: map[string]string{pilot.ClipsPerHourKey: "412"},
		},
		Clips: []pilot.Clip{{ID: "a", Site: "night", Split: "train"}, {ID: "b", Site: "night", Split: "test"}, {ID: "c", Site: "da|y", Split: "test"}},
		Results: []pilot.Result{
			{Key: "k1", Task: pilot.Classification, Method: pilot.ZeroShot, Label: "zero-shot", Prompts: "names", Site: "night",
				Metrics: []pilot.Metric{{Name: "top1", Value: 0.5, HasInterval: true, Low: 0.1, High: 0.9, Interval: "Wilson 95 %"}, {Name: "macro_recall", Value: 0.25}}},
			{Key: "k2", Task: pilot.Classification, Method: "logistic", Label: "linear probe, 4 shots", Site: "night", TrainSite: "night", Shots: 4, Draw: 2,
				Choices: []pilot.Choice{{Name: "C", Value: "0.1"}}, Metrics: []pilot.Metric{{Name: "top1", Value: 0.75}}},
			{Key: "k3", Task: pilot.Retrieval, Method: "cosine", Label: "cosine", Site: "night", Metrics: []pilot.Metric{{Name: "text_to_video_r1", Value: 0.125}, {Name: "video_to_text_r5", Value: 1}}},
		},
	}
}

func TestRows(t *testing.T) {
	var out bytes.Buffer
	if err := WriteRows(&out, sample()); err != nil {
		t.Fatal(err)
	}
	var rows []Row
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var r Row
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range []struct {
		task, metric string
		value        float64
	}{
		{"zeroshot_classification", "acc1", 0.5}, {"linear_probe", "acc1", 0.75}, {"zeroshot_retrieval", "image_retrieval_recall@1", 0.125},
	} {
		if got, ok := rows[i].Metrics[want.metric]; rows[i].Task != want.task || !ok || got != want.value {
			t.Errorf("row %d: %+v, want %+v", i, rows[i], want)
		}
	}
	if r := rows[0]; r.Metrics["mean_per_class_recall"] != 0.25 || r.Metrics["acc1_low"] != 0.1 || r.Dataset != "night" || r.Model != "b16" || r.Pretrained != "abc" {
		t.Errorf("%+v", r)
	}
	if rows[2].Metrics["text_retrieval_recall@5"] != 1 {
		t.Errorf("%+v", rows[2])
	}
}

// What is written is read back by Prometheus's own parser.
func TestMetrics(t *testing.T) {
	board := pilot.Board{Book: pilot.Book{Pilot: "p", Gates: []pilot.GateState{{Criterion: gate.Criterion{Name: "G1", Stage: gate.Pilot, Metric: "sign-off"}}}}}
	var out bytes.Buffer
	if err := WriteMetrics(&out, sample(), &board); err != nil {
		t.Fatal(err)
	}
	text, ended := strings.CutSuffix(out.String(), "# EOF\n")
	if !ended {
		t.Fatal("it does not end as OpenMetrics does")
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	result := families["framepilot_result"]
	if result == nil || len(result.Metric) != 5 {
		t.Fatalf("%v", result)
	}
	if got := result.Metric[0]; got.GetGauge().GetValue() != 0.5 || got.Label[0].GetValue() != `line "3"` {
		t.Errorf("%v", got)
	}
	if got := families["framepilot_clips_per_hour"].Metric[0].GetGauge().GetValue(); got != 412 {
		t.Errorf("%v clips an hour", got)
	}
	blocked := 0.0
	for _, m := range families["framepilot_gate"].Metric {
		for _, l := range m.Label {
			if l.GetName() == "verdict" && l.GetValue() == "BLOCKED" {
				blocked = m.GetGauge().GetValue()
			}
		}
	}
	if blocked != 1 || len(families["framepilot_gate"].Metric) != 4 {
		t.Errorf("the gate: %v", families["framepilot_gate"])
	}
}

func TestCard(t *testing.T) {
	for signed, want := range map[string]string{"": "Nobody has signed", "Legal (licence)": "Signed off by Legal (licence)"} {
		var out bytes.Buffer
		if err := WriteCard(&out, sample(), signed); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, part := range []string{want, "value: 0.75\n", "2 sites (night, da\\|y); 1 clips to learn from, 2 to test on", "| night | zero-shot, prompts: names | top1 | 0.5 | 0.1 to 0.9 (Wilson 95 %) |"} {
			if !strings.Contains(text, part) {
				t.Errorf("no %q in\n%s", part, text)
			}
		}
		if strings.Count(text, "\n---\n") != 1 || !strings.HasPrefix(text, "---\n") {
			t.Error("the head is not closed once")
		}
	}
}

// server is as much of MLflow as Log needs.
type server struct {
	sync.Mutex
	experiments map[string]string
	runs        []map[string]any
	broken      string // the endpoint that fails
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	endpoint := strings.TrimPrefix(r.URL.Path, "/api/2.0/mlflow/")
	var in map[string]any
	if r.Body != nil {
		_ = json.NewDecoder(r.Body).Decode(&in) // GET has none
	}
	if endpoint == s.broken {
		http.Error(w, `{"error_code":"INTERNAL_ERROR"}`, http.StatusInternalServerError)
		return
	}
	out := map[string]any{}
	switch endpoint {
	case "experiments/get-by-name":
		id, ok := s.experiments[r.URL.Query().Get("experiment_name")]
		if !ok {
			http.Error(w, `{"error_code":"RESOURCE_DOES_NOT_EXIST"}`, http.StatusNotFound)
			return
		}
		out["experiment"] = map[string]any{"experiment_id": id}
	case "experiments/create":
		s.experiments[in["name"].(string)] = "1"
		out["experiment_id"] = "1"
	case "runs/search":
		found := []any{}
		for _, run := range s.runs {
			tag := run["tags"].([]any)[0].(map[string]any)["value"].(string)
			if run["status"] == "FINISHED" && strings.Contains(in["filter"].(string), "'"+tag+"'") {
				found = append(found, map[string]any{})
			}
		}
		out["runs"] = found
	case "runs/create":
		in["status"] = "RUNNING"
		s.runs = append(s.runs, in)
		out["run"] = map[string]any{"info": map[string]any{"run_id": fmt.Sprint(len(s.runs) - 1)}}
	case "runs/log-batch", "runs/update":
		var i int
		fmt.Sscan(in["run_id"].(string), &i)
		for name, value := range in {
			if list, ok := value.([]any); ok {
				if len(list) > 1000 || name == "params" && len(list) > 100 {
					http.Error(w, "too many", http.StatusBadRequest)
					return
				}
				old, _ := s.runs[i][name].([]any)
				value = append(old, list...)
			}
			s.runs[i][name] = value
		}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func TestMLflow(t *testing.T) {
	fake := &server{experiments: map[string]string{}}
	web := httptest.NewServer(fake)
	defer web.Close()
	m := MLflow{URL: web.URL + "/"}
	ctx := context.Background()
	rec := sample()
	for i := range 250 { // more than a batch takes
		rec.Run.Params[fmt.Sprint("p", i)] = "x"
	}
	fake.broken = "runs/update"
	if n, err := m.Log(ctx, rec); n != 0 || fault.KindOf(err) != fault.Missing {
		t.Fatalf("a broken server: %d, %v", n, err)
	}
	fake.broken = ""
	// The run that was cut short is not finished, so it is logged anew.
	if n, err := m.Log(ctx, rec); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := m.Log(ctx, rec); n != 0 || err != nil {
		t.Fatalf("again: %d, %v", n, err)
	}
	last := fake.runs[2]
	params := map[string]string{}
	for _, p := range last["params"].([]any) {
		p := p.(map[string]any)
		params[p["key"].(string)] = p["value"].(string)
	}
	if params["chosen_C"] != "0.1" || params["shots"] != "4" || len([]rune(params["odd_key"])) != maxValue || params["p249"] != "x" {
		t.Errorf("params %v", params)
	}
	if x := last["metrics"].([]any)[0].(map[string]any); x["key"] != "top1" || x["value"] != 0.75 {
		t.Errorf("metrics %v", last["metrics"])
	}
	for _, address := range []string{"", "nothing", "ftp://x", "http://"} {
		if _, err := (MLflow{URL: address}).Log(ctx, rec); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := (MLflow{URL: "http://127.0.0.1:1"}).Log(ctx, rec); fault.KindOf(err) != fault.Missing {
		t.Errorf("nobody listens: %v", err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	defer other.Close()
	if _, err := (MLflow{URL: other.URL}).Log(ctx, rec); err == nil || !strings.Contains(fault.HintOf(err), "MLflow server") {
		t.Errorf("something else listens: %v", err)
	}
}

// A real server, where MLflow is installed.
func TestMLflowServer(t *testing.T) {
	program, err := exec.LookPath("mlflow")
	if err != nil {
		needed.Missing(t, "mlflow", err)
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listen.Addr().(*net.TCPAddr).Port
	if err := listen.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(program, "server", "--host", "127.0.0.1", "--port", fmt.Sprint(port), "--workers", "1", "--backend-store-uri", "sqlite:///"+filepath.Join(dir, "mlflow.db"))
	cmd.Dir, cmd.Env = dir, os.Environ()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	m := MLflow{URL: fmt.Sprintf("http://127.0.0.1:%d", port)}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for {
		if res, err := http.Get(m.URL + "/health"); err == nil {
			res.Body.Close()
			break
		}
		select {
		case <-ctx.Done():
			t.Fatal("the server does not answer")
		case <-time.After(200 * time.Millisecond):
		}
	}
	for i, want := range []int{3, 0} {
		if n, err := m.Log(ctx, sample()); n != want || err != nil {
			t.Fatalf("time %d: %d logged, %v", i, n, err)
		}
	}
}
