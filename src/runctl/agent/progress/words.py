"""Which names are results of training, which are settings, and which are neither."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[^a-z0-9]+")


def word_set(names: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(names.split())


_RESULTS = word_set(
    """loss losses acc accuracy auc auroc auprc f1 f1score precision recall mse rmse mae mape logloss perplexity ppl
    bleu sacrebleu rouge rouge1 rouge2 rougel wer cer map map50 map75 iou miou dice reward rewards return score error
    err r2 psnr ssim fid kl elbo nll bpc bpb bpd ndcg mrr inertia objective entropy top1 top5 acc1 acc5 likelihood
    bound mcc kappa spearman pearson matthews lpips mpjpe chrf meteor cider"""
)
# what a training line shows besides its results, and a configuration shows too
_RATES = word_set("lr learning_rate grad_norm gnorm momentum lr0 mfu")
_SETTING_PARTS = word_set(
    """weight weights decay size coef alpha beta betas gamma eps epsilon scale scaler smoothing warmup dim dims layers
    heads workers limit cutoff type fn function path dir threshold patience target seed max min num every freq frequency
    interval epochs dropout classes optimizer params parameters tolerance tol clip reduction margin temperature best"""
)
_SETTINGS = word_set(
    """epochs seed batch_size batchsize bs num_workers workers dropout weight_decay patience optimizer device gpus nodes
    hidden hidden_size hidden_dim layers heads max_len max_length max_steps num_layers num_epochs num_classes step_size
    save_steps eval_steps logging_steps warmup warmup_steps gradient_accumulation_steps image_size img_size imgsz
    embed_dim n_layers n_heads n_embd block_size vocab_size max_epochs num_train_epochs n_epochs betas"""
)
# quantities that are no result: times, memory, counts, identities
_OTHER_PARTS = word_set(
    """time times eta elapsed remaining duration mem memory vram pid rank port id num version params date instances size
    samples consumed batch images files examples group gpu cpu line total best besttest bestiteration shape length len
    count node host seed port dur sec secs seconds ms took v_num nnzs bias t epochs steps iterations iters
    runtime"""
)
_STEPS_OF_OTHERS = re.compile(
    r"valid|eval|test|infer|predict|sanity|generat|sampl|load|map|filter|tokeniz|preproc|extract|read|scan|cach|fetch|"
    r"sav|upload|convert|resolv|import|pars|prepar|index|comput|writ|check|clean|copy|unpack|encod|split|shard|export|"
    r"\bval\b|\.(?:zip|gz|tar|bin|safetensors|json|txt|csv|parquet|pt|pth|model|onnx)\b"
)
_STEPS_OF_TRAINING = re.compile(r"train|epoch|step|iter|batch|progress|fit|optim|learn|finetun|loss|\bacc")


def parts(name: str) -> list[str]:
    """The words of a lower-case name: `train/box_loss` → train, box, loss."""
    return _PARTS.split(name)


def is_result(name: str) -> bool:
    """Whether a lower-case name is one that only results have, such as `val_loss`; `loss_weight` is a setting."""
    words = parts(name)
    if not _SETTING_PARTS.isdisjoint(words):
        return False
    return any(word in _RESULTS or word.endswith("loss") for word in words)


def is_known(name: str) -> bool:
    """Whether a lower-case name is that of a result or of what stands beside results, such as `lr`."""
    return name.replace(" ", "_") in _RATES or is_result(name)


def is_setting(name: str) -> bool:
    """Whether a lower-case name belongs to a configuration rather than to a line of progress."""
    return name.replace(" ", "_").replace("-", "_") in _SETTINGS


def is_other(name: str) -> bool:
    """Whether a lower-case name is that of a time, an amount of memory, a count or an identity."""
    words = parts(name)
    return name == "v_num" or (not _OTHER_PARTS.isdisjoint(words) and not is_result(name))


def is_training(description: str) -> bool:
    """Whether a bar with this lower-case description counts steps of training."""
    return not _STEPS_OF_OTHERS.search(description) and bool(_STEPS_OF_TRAINING.search(description))


def is_of_another_phase(description: str) -> bool:
    """Whether a bar with this lower-case description counts something else: validation, downloads, preparation."""
    return bool(_STEPS_OF_OTHERS.search(description))


def of_validation(name: str) -> bool:
    """Whether a lower-case metric's name says itself that it is not of training."""
    return not {"val", "valid", "validation", "eval", "test"}.isdisjoint(parts(name))
