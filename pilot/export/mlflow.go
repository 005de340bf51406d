package export

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"framepilot/internal/fault"
	"framepilot/pilot"
)

// MLflow is a tracking server.
type MLflow struct {
	URL    string
	Token  string       // sent as a bearer token; may be empty
	Client *http.Client // nil means one that waits 30 s
}

// The most a batch may hold, by MLflow's REST API 2.0.
const (
	batchMetrics = 1000
	batchParams  = 100
	maxValue     = 500 // characters of a parameter
)

// Log makes a run of MLflow for every result of a run, in an experiment named
// after the pilot, and returns how many. A result that is there already, as
// told by its tag framepilot.result, is left alone: logging twice adds nothing.
func (m MLflow) Log(ctx context.Context, rec pilot.Record) (made int, err error) {
	if u, err := url.Parse(m.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return 0, fault.New(fault.Usage, "as in http://127.0.0.1:5000", "mlflow: %q is no address", m.URL)
	}
	experiment, err := m.experiment(ctx, rec.Run.Pilot)
	if err != nil {
		return 0, err
	}
	for _, row := range rec.Results {
		logged, err := m.result(ctx, experiment, rec, row)
		if err != nil {
			return made, fmt.Errorf("result %s: %w", row.Key, err)
		}
		if logged {
			made++
		}
	}
	return made, nil
}

// experiment finds the experiment of this name, or makes it.
func (m MLflow) experiment(ctx context.Context, name string) (id string, err error) {
	var found struct {
		Experiment struct {
			ID string `json:"experiment_id"`
		} `json:"experiment"`
	}
	err = m.call(ctx, http.MethodGet, "experiments/get-by-name?experiment_name="+url.QueryEscape(name), nil, &found)
	if err == nil {
		return found.Experiment.ID, nil
	}
	if !strings.Contains(err.Error(), "RESOURCE_DOES_NOT_EXIST") {
		return "", err
	}
	var made struct {
		ID string `json:"experiment_id"`
	}
	err = m.call(ctx, http.MethodPost, "experiments/create", map[string]any{"name": name}, &made)
	return made.ID, err
}

type pair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type metric struct {
	Key       string  `json:"key"`
	Value     float64 `json:"value"`
	Timestamp int64   `json:"timestamp"`
	Step      int     `json:"step"`
}

// resultTag tells results apart.
const resultTag = "framepilot.result"

func (m MLflow) result(ctx context.Context, experiment string, rec pilot.Record, r pilot.Result) (logged bool, err error) {
	tag := rec.Run.ID + " " + r.Key
	var have struct {
		Runs []struct {
			Info struct {
				Status string `json:"status"`
			} `json:"info"`
		} `json:"runs"`
	}
	err = m.call(ctx, http.MethodPost, "runs/search", map[string]any{
		"experiment_ids": []string{experiment}, "max_results": 1,
		"filter": fmt.Sprintf("tags.`%s` = '%s' and attributes.status = 'FINISHED'", resultTag, strings.ReplaceAll(tag, "'", "_")),
	}, &have)
	if err != nil || len(have.Runs) > 0 {
		return false, err
	}
	start := rec.Run.Started.UnixMilli()
	var made struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			} `json:"info"`
		} `json:"run"`
	}
	err = m.call(ctx, http.MethodPost, "runs/create", map[string]any{
		"experiment_id": experiment, "start_time": start, "run_name": r.Recipe() + " on " + r.Site,
		"tags": []pair{{resultTag, strings.ReplaceAll(tag, "'", "_")}, {"framepilot.run", rec.Run.ID}},
	}, &made)
	if err != nil {
		return false, err
	}
	id := made.Run.Info.ID
	params := parameters(rec, r)
	metrics := []metric{}
	for _, x := range r.Metrics {
		metrics = append(metrics, metric{safeKey(x.Name), x.Value, start, 0})
		if x.HasInterval {
			metrics = append(metrics, metric{safeKey(x.Name) + "_low", x.Low, start, 0}, metric{safeKey(x.Name) + "_high", x.High, start, 0})
		}
	}
	for len(params) > 0 || len(metrics) > 0 {
		p, x := min(len(params), batchParams), min(len(metrics), batchMetrics-batchParams)
		err := m.call(ctx, http.MethodPost, "runs/log-batch", map[string]any{"run_id": id, "params": params[:p], "metrics": metrics[:x]}, nil)
		if err != nil {
			return false, err
		}
		params, metrics = params[p:], metrics[x:]
	}
	end := rec.Run.Finished
	if end.IsZero() {
		end = rec.Run.Started
	}
	return true, m.call(ctx, http.MethodPost, "runs/update", map[string]any{"run_id": id, "status": "FINISHED", "end_time": end.UnixMilli()}, nil)
}

// parameters are what a result depends on.
func parameters(rec pilot.Record, r pilot.Result) []pair {
	all := maps.Clone(rec.Run.Params)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, r.Params)
	for _, c := range r.Choices {
		all["chosen_"+c.Name] = c.Value
	}
	for name, value := range map[string]string{"method": r.Method, "site": r.Site, "train_site": r.TrainSite, "prompts": r.Prompts,
		"shots": fmt.Sprint(r.Shots), "draw": fmt.Sprint(r.Draw), "seed": fmt.Sprint(rec.Run.Seed)} {
		all[name] = value
	}
	var list []pair
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value := []rune(all[name])
		list = append(list, pair{safeKey(name), string(value[:min(len(value), maxValue)])})
	}
	return list
}

// safeKey is a name of the characters MLflow takes.
func safeKey(name string) string { return unsafe.ReplaceAllString(name, "_") }

var unsafe = regexp.MustCompile(`[^\w\-. /]`)

// call sends a request to the API and reads its answer into out.
func (m MLflow) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("mlflow: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(m.URL, "/")+"/api/2.0/mlflow/"+path, body)
	if err != nil {
		return fmt.Errorf("mlflow: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if m.Token != "" {
		req.Header.Set("Authorization", "Bearer "+m.Token)
	}
	client := m.Client
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	res, err := client.Do(req)
	if err != nil {
		return fault.New(fault.Missing, "check that the server runs and may be reached", "mlflow: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return fault.New(fault.Missing, "", "mlflow: read the answer of %s: %w", path, err)
	}
	if res.StatusCode != http.StatusOK {
		return fault.New(fault.Missing, "the server's log may say more", "mlflow: %s: %s: %s", path, res.Status, bytes.TrimSpace(answer[:min(len(answer), 500)]))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fault.New(fault.Missing, "is this an MLflow server?", "mlflow: answer of %s: %w", path, err)
	}
	return nil
}
