BEGIN TRANSACTION;
CREATE TABLE choices (
    result integer not null references results (id) on delete cascade,
    pos    integer not null,
    name   text not null,
    value  text not null,
    rule   text not null,
    reason text not null,
    primary key (result, pos)
) strict, without rowid;
INSERT INTO "choices" VALUES(1,0,'scale','36.6596','fixed','the scale the model was trained with');
INSERT INTO "choices" VALUES(2,0,'scale','1','fixed','the default');
CREATE TABLE class_scores (
    result  integer not null references results (id) on delete cascade,
    pos     integer not null,
    class   text not null,
    n       integer not null,
    correct integer not null check (correct between 0 and n),
    recall  real not null,
    low     real not null,
    high    real not null,
    primary key (result, pos)
) strict, without rowid;
INSERT INTO "class_scores" VALUES(1,0,'drop',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(1,1,'jam',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(1,2,'rattle',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(1,3,'return',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(1,4,'tumble',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(2,0,'drop',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(2,1,'jam',1,0,0.0,0.0,7.9345068562276255264e-01);
INSERT INTO "class_scores" VALUES(2,2,'rattle',1,1,1.0,2.06549314377237502871e-01,1.0);
INSERT INTO "class_scores" VALUES(2,3,'return',1,1,1.0,2.06549314377237502871e-01,1.0);
INSERT INTO "class_scores" VALUES(2,4,'tumble',1,1,1.0,2.06549314377237502871e-01,1.0);
CREATE TABLE classes (
    result integer not null references results (id) on delete cascade,
    pos    integer not null,
    name   text not null,
    primary key (result, pos)
) strict, without rowid;
INSERT INTO "classes" VALUES(1,0,'approach');
INSERT INTO "classes" VALUES(1,1,'drop');
INSERT INTO "classes" VALUES(1,2,'feed');
INSERT INTO "classes" VALUES(1,3,'flicker');
INSERT INTO "classes" VALUES(1,4,'jam');
INSERT INTO "classes" VALUES(1,5,'lift');
INSERT INTO "classes" VALUES(1,6,'rattle');
INSERT INTO "classes" VALUES(1,7,'retreat');
INSERT INTO "classes" VALUES(1,8,'return');
INSERT INTO "classes" VALUES(1,9,'tumble');
INSERT INTO "classes" VALUES(2,0,'approach');
INSERT INTO "classes" VALUES(2,1,'drop');
INSERT INTO "classes" VALUES(2,2,'feed');
INSERT INTO "classes" VALUES(2,3,'flicker');
INSERT INTO "classes" VALUES(2,4,'jam');
INSERT INTO "classes" VALUES(2,5,'lift');
INSERT INTO "classes" VALUES(2,6,'rattle');
INSERT INTO "classes" VALUES(2,7,'retreat');
INSERT INTO "classes" VALUES(2,8,'return');
INSERT INTO "classes" VALUES(2,9,'tumble');
CREATE TABLE clips (
    run       text not null references runs (id) on delete cascade,
    pos       integer not null,
    id        text not null,
    site      text not null,
    split     text not null,
    class     text not null,
    recording text not null,
    primary key (run, pos)
) strict, without rowid;
INSERT INTO "clips" VALUES('0f0cd52d-1',0,'day/approach/rec007_1.gif','day','train','approach','day/rec007');
INSERT INTO "clips" VALUES('0f0cd52d-1',1,'day/approach/rec008_1.gif','day','train','approach','day/rec008');
INSERT INTO "clips" VALUES('0f0cd52d-1',2,'day/drop/rec002_1.gif','day','train','drop','day/rec002');
INSERT INTO "clips" VALUES('0f0cd52d-1',3,'day/drop/rec003_1.gif','day','test','drop','day/rec003');
INSERT INTO "clips" VALUES('0f0cd52d-1',4,'day/feed/rec002_2.gif','day','train','feed','day/rec002');
INSERT INTO "clips" VALUES('0f0cd52d-1',5,'day/feed/rec005_1.gif','day','train','feed','day/rec005');
INSERT INTO "clips" VALUES('0f0cd52d-1',6,'day/flicker/rec004_3.gif','day','train','flicker','day/rec004');
INSERT INTO "clips" VALUES('0f0cd52d-1',7,'day/flicker/rec005_2.gif','day','train','flicker','day/rec005');
INSERT INTO "clips" VALUES('0f0cd52d-1',8,'day/jam/rec005_3.gif','day','train','jam','day/rec005');
INSERT INTO "clips" VALUES('0f0cd52d-1',9,'day/jam/rec006_3.gif','day','test','jam','day/rec006');
INSERT INTO "clips" VALUES('0f0cd52d-1',10,'day/lift/rec007_2.gif','day','train','lift','day/rec007');
INSERT INTO "clips" VALUES('0f0cd52d-1',11,'day/lift/rec007_3.gif','day','train','lift','day/rec007');
INSERT INTO "clips" VALUES('0f0cd52d-1',12,'day/rattle/rec001_2.gif','day','train','rattle','day/rec001');
INSERT INTO "clips" VALUES('0f0cd52d-1',13,'day/rattle/rec006_1.gif','day','test','rattle','day/rec006');
INSERT INTO "clips" VALUES('0f0cd52d-1',14,'day/retreat/rec001_1.gif','day','train','retreat','day/rec001');
INSERT INTO "clips" VALUES('0f0cd52d-1',15,'day/retreat/rec004_2.gif','day','train','retreat','day/rec004');
INSERT INTO "clips" VALUES('0f0cd52d-1',16,'day/return/rec006_2.gif','day','test','return','day/rec006');
INSERT INTO "clips" VALUES('0f0cd52d-1',17,'day/return/rec008_2.gif','day','train','return','day/rec008');
INSERT INTO "clips" VALUES('0f0cd52d-1',18,'day/tumble/rec003_2.gif','day','test','tumble','day/rec003');
INSERT INTO "clips" VALUES('0f0cd52d-1',19,'day/tumble/rec004_1.gif','day','train','tumble','day/rec004');
CREATE TABLE confusion (
    result    integer not null,
    truth     integer not null,  -- row, a position in classes
    predicted integer not null,  -- column
    n         integer not null check (n > 0),
    primary key (result, truth, predicted),
    foreign key (result, truth) references classes (result, pos) on delete cascade,
    foreign key (result, predicted) references classes (result, pos) on delete cascade
) strict, without rowid;
INSERT INTO "confusion" VALUES(1,1,3,1);
INSERT INTO "confusion" VALUES(1,4,3,1);
INSERT INTO "confusion" VALUES(1,6,0,1);
INSERT INTO "confusion" VALUES(1,8,0,1);
INSERT INTO "confusion" VALUES(1,9,3,1);
INSERT INTO "confusion" VALUES(2,1,4,1);
INSERT INTO "confusion" VALUES(2,4,9,1);
INSERT INTO "confusion" VALUES(2,6,6,1);
INSERT INTO "confusion" VALUES(2,8,8,1);
INSERT INTO "confusion" VALUES(2,9,9,1);
CREATE TABLE environment (
    run   text not null references runs (id) on delete cascade,
    name  text not null,
    value text not null,
    primary key (run, name)
) strict, without rowid;
INSERT INTO "environment" VALUES('0f0cd52d-1','decoder','ffmpeg 5.1.9-0+deb12u1');
INSERT INTO "environment" VALUES('0f0cd52d-1','framepilot','framepilot dev (go1.26.8, linux/amd64)');
INSERT INTO "environment" VALUES('0f0cd52d-1','go','go1.26.8');
INSERT INTO "environment" VALUES('0f0cd52d-1','processors','4');
INSERT INTO "environment" VALUES('0f0cd52d-1','system','linux/amd64');
CREATE TABLE failures (
    run     text not null references runs (id) on delete cascade,
    pos     integer not null,
    clip    text not null,
    site    text not null,
    class   text not null,
    message text not null,
    hint    text not null,
    primary key (run, pos)
) strict, without rowid;
CREATE TABLE metrics (
    result   integer not null references results (id) on delete cascade,
    pos      integer not null,
    name     text not null,
    unit     text not null,
    value    real not null,
    low      real,               -- low, high and interval are null together
    high     real,
    interval text,               -- kind and level, as "wilson 95 %"
    n        integer not null,
    primary key (result, pos),
    unique (result, name),
    check ((low is null) = (high is null) and (low is null) = (interval is null))
) strict, without rowid;
INSERT INTO "metrics" VALUES(1,0,'top1','',0.0,0.0,6.5761977249334679918e-01,'Wilson over recordings 95 %',5);
INSERT INTO "metrics" VALUES(1,1,'top5','',0.0,0.0,6.5761977249334679918e-01,'Wilson over recordings 95 %',5);
INSERT INTO "metrics" VALUES(1,2,'macro_recall','',0.0,NULL,NULL,NULL,5);
INSERT INTO "metrics" VALUES(1,3,'nll','nats',3.99172153474300417386e+00,NULL,NULL,NULL,5);
INSERT INTO "metrics" VALUES(2,0,'top1','',0.6,0.230724281276013,0.882379225767352,'Wilson 95 %',5);
INSERT INTO "metrics" VALUES(2,1,'top5','',1.0,3.42380227506653200819e-01,1.0,'Wilson over recordings 95 %',5);
INSERT INTO "metrics" VALUES(2,2,'macro_recall','',0.6,NULL,NULL,NULL,5);
INSERT INTO "metrics" VALUES(2,3,'nll','nats',1.83283507296484593496e+00,NULL,NULL,NULL,5);
CREATE TABLE parameters (
    run   text not null references runs (id) on delete cascade,
    name  text not null,
    value text not null,
    primary key (run, name)
) strict, without rowid;
INSERT INTO "parameters" VALUES('0f0cd52d-1','architecture','custom');
INSERT INTO "parameters" VALUES('0f0cd52d-1','device','cpu');
INSERT INTO "parameters" VALUES('0f0cd52d-1','features','9a6dbe47a5fe90f9');
INSERT INTO "parameters" VALUES('0f0cd52d-1','frame_size','64');
INSERT INTO "parameters" VALUES('0f0cd52d-1','frames','8');
INSERT INTO "parameters" VALUES('0f0cd52d-1','kernel','avx512-bf16');
INSERT INTO "parameters" VALUES('0f0cd52d-1','model','demo');
INSERT INTO "parameters" VALUES('0f0cd52d-1','model_sha256','78f633a2cc61945a4cc48210e8f77b1db62b26e4c693d7244bc7227ff6549dc6');
INSERT INTO "parameters" VALUES('0f0cd52d-1','patches','16');
INSERT INTO "parameters" VALUES('0f0cd52d-1','precision','bf16');
INSERT INTO "parameters" VALUES('0f0cd52d-1','processor','AMD EPYC');
INSERT INTO "parameters" VALUES('0f0cd52d-1','recipe','features');
INSERT INTO "parameters" VALUES('0f0cd52d-1','similarity_scale','36.6596');
INSERT INTO "parameters" VALUES('0f0cd52d-1','test_share','0.5');
INSERT INTO "parameters" VALUES('0f0cd52d-1','train_sites','all');
CREATE TABLE pilots (
    id      integer primary key,
    name    text not null unique,
    created text not null
) strict;
INSERT INTO "pilots" VALUES(1,'line 3','2026-11-23T04:09:13.762Z');
CREATE TABLE predictions (
    result    integer not null references results (id) on delete cascade,
    pos       integer not null,
    clip      text not null,
    truth     text not null,
    predicted text not null,
    p         real not null,
    correct   integer not null check (correct in (0, 1)),
    primary key (result, pos)
) strict, without rowid;
INSERT INTO "predictions" VALUES(1,0,'day/drop/rec003_1.gif','drop','flicker',9.98315208266102316336e-01,0);
INSERT INTO "predictions" VALUES(1,1,'day/jam/rec006_3.gif','jam','flicker',9.14922562462197164201e-01,0);
INSERT INTO "predictions" VALUES(1,2,'day/rattle/rec006_1.gif','rattle','approach',1.10742630971721184307e-01,0);
INSERT INTO "predictions" VALUES(1,3,'day/return/rec006_2.gif','return','approach',1.11111109571388824712e-01,0);
INSERT INTO "predictions" VALUES(1,4,'day/tumble/rec003_2.gif','tumble','flicker',1.12064532612869180439e-01,0);
INSERT INTO "predictions" VALUES(2,0,'day/drop/rec003_1.gif','drop','jam',1.65209611913924719894e-01,0);
INSERT INTO "predictions" VALUES(2,1,'day/jam/rec006_3.gif','jam','tumble',1.53568363124378493012e-01,0);
INSERT INTO "predictions" VALUES(2,2,'day/rattle/rec006_1.gif','rattle','rattle',1.89077410074041274423e-01,1);
INSERT INTO "predictions" VALUES(2,3,'day/return/rec006_2.gif','return','return',1.64743888355448481197e-01,1);
INSERT INTO "predictions" VALUES(2,4,'day/tumble/rec003_2.gif','tumble','tumble',1.94211736518860644817e-01,1);
CREATE TABLE result_parameters (
    result integer not null references results (id) on delete cascade,
    name   text not null,
    value  text not null,
    primary key (result, name)
) strict, without rowid;
INSERT INTO "result_parameters" VALUES(2,'training clips','10');
CREATE TABLE results (
    id         integer primary key,
    run        text not null references runs (id) on delete cascade,
    key        text not null check (key <> ''),
    task       text not null check (task in ('classification', 'retrieval')),
    method     text not null,
    label      text not null,
    prompts    text not null,
    train_site text not null,
    site       text not null,
    shots      integer not null,
    draw       integer not null,
    recorded   text not null,
    unique (run, key)
) strict;
INSERT INTO "results" VALUES(1,'0f0cd52d-1','0001-2b369db53663','classification','zero-shot','zero-shot','names','','day',0,0,'2026-11-23T04:09:13.888Z');
INSERT INTO "results" VALUES(2,'0f0cd52d-1','0002-4870c2d418f8','classification','nearest-mean','nearest-mean, 1 shot','','all sites','day',1,1,'2026-11-23T04:09:13.889Z');
CREATE TABLE runs (
    id        text primary key check (id <> ''),
    pilot     integer not null references pilots (id),
    question  text not null,
    plan_path text not null,
    plan_text text not null,
    key       text not null,     -- hash of everything the results depend on
    seed      text not null,     -- decimal; SQLite has no unsigned 64-bit integer
    status    text not null check (status in ('running', 'done', 'failed', 'interrupted')),
    message   text not null default '',
    started   text not null,     -- the first time it began
    finished  text,
    begun     integer not null   -- counts beginnings over all runs: the largest is the latest
) strict;
INSERT INTO "runs" VALUES('0f0cd52d-1',1,'Does an old ledger still open?','d/small.toml','schema = 1
name = "line 3"
question = "Does an old ledger still open?"
seed = 3
[model]
id = "demo"
recipe = "features"
[data.day]
folders = "day"
group_by = ''(rec\d+)''
[[method]]
name = "zero-shot"
[[method]]
name = "nearest-mean"
shots = [1]
draws = 1
[report]
files = ["report.json"]
','0f0cd52d0e44df72d40a0ab4c9cf2337c93bc835aff03f32e971065b20d13a7b','3','done','','2026-11-23T04:09:13.762Z','2026-11-23T04:09:13.890Z',1);
CREATE TABLE stages (
    id     integer primary key autoincrement,
    run    text not null references runs (id) on delete cascade,
    name   text not null,
    key    text not null,
    status text not null,
    detail text not null,
    at     text not null
) strict;
INSERT INTO "stages" VALUES(1,'0f0cd52d-1','embed','9a6dbe47a5fe90f9','done','embedded 20 clips, 0 cached, 0 failed','2026-11-23T04:09:13.858Z');
INSERT INTO "stages" VALUES(2,'0f0cd52d-1','fit','0001-2b369db53663','done','zero-shot (names): 1 result new, 0 kept','2026-11-23T04:09:13.888Z');
INSERT INTO "stages" VALUES(3,'0f0cd52d-1','fit','0002-4870c2d418f8','done','nearest-mean, 1 shot: 1 result new, 0 kept','2026-11-23T04:09:13.890Z');
CREATE INDEX runs_by_key on runs (key);
CREATE INDEX stages_by_run on stages (run, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('stages',3);
COMMIT;