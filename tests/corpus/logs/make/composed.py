"""Logs of tools that are too big to run here, written with the tools' own line formats and made-up figures: the
source of every format is named at its function. Nothing to install: `python composed.py NAME`."""

# ruff: noqa: E501 - the printed lines stay whole

import json
import math
import sys


def loss_at(step: int) -> float:
    return 0.2 + 2.1 * math.exp(-step / 60)


def clock(step: int) -> str:
    return f"{10 + step // 60:02d}:{step % 60:02d}:17"


def megatron() -> None:
    """NVIDIA/Megatron-LM training.py, training_log()."""
    print("> setting random seeds to 1234 ...\n> learning rate decay style: cosine")
    print(" > number of parameters on (tensor, pipeline) model parallel rank (0, 0): 356871168")
    for step in range(10, 121, 10):
        print(
            f" [2026-03-02 {clock(step // 10)}] iteration {step:8d}/     500 | consumed samples: {step * 64:12d} | "
            f"elapsed time per iteration (ms): {412.3 + step / 7:.1f} | throughput per GPU (TFLOP/s/GPU): 181.2 | "
            f"learning rate: {1.5e-4 * step / 500:.6E} | global batch size:    64 | lm loss: {loss_at(step):.6E} | "
            f"loss scale: 1.0 | grad norm: {1.2 - step / 500:.3f} | number of skipped iterations:   0 | "
            f"number of nan iterations:   0 |"
        )
        if step % 60 == 0:
            value = loss_at(step) + 0.05
            line = f" validation loss at iteration {step} | lm loss value: {value:.6E} | lm loss PPL: {math.exp(value):.6E} | "
            print("-" * len(line), line, "-" * len(line), sep="\n")


def deepspeed() -> None:
    """microsoft/DeepSpeed engine.py _report_progress() and timer.py, with the script's own print between."""
    for step in range(10, 61, 10):
        stamp = f"[2026-03-02 {clock(step)},412]"
        print(
            f"{stamp} [INFO] [logging.py:107:log_dist] [Rank 0] step={step}, skipped=0, lr=[5e-05], mom=[(0.9, 0.999)]"
        )
        print(
            f"{stamp} [INFO] [timer.py:264:stop] epoch=0/micro_step={step}/global_step={step}, "
            f"RunningAvgSamplesPerSec=83.1{step}, CurrSamplesPerSec=84.0{step}, MemAllocated=0.26GB, MaxMemAllocated=9.02GB"
        )
        print(f"Epoch 1/2, global_step {step}: loss = {loss_at(step):.5f}")


def fairseq() -> None:
    """fairseq's simple progress bar (old form, before 0.9)."""
    print("| [de] dictionary: 8848 types\n| num. model params: 39469056 (num. trained: 39469056)")
    print("| training on 1 GPUs\n| max tokens per GPU = 4000 and max sentences per GPU = None")
    for epoch in (1, 2):
        for index in (100, 200, 300):
            update = (epoch - 1) * 350 + index
            value = loss_at(update / 10) * 4
            print(
                f"| epoch {epoch:03d}:    {index} / 350 loss={value:.3f}, nll_loss={value - 0.6:.3f}, "
                f"ppl={2 ** (value - 0.6):.2f}, wps=35013, ups=9.4, wpb=3567, bsz=145, num_updates={update}, "
                f"lr={update * 1.25e-07:.6g}, gnorm=1.543, clip=0%, oom=0, wall={update // 9}, train_wall={update // 10}"
            )
        value = loss_at(epoch * 35) * 4
        print(
            f"| epoch {epoch:03d} | loss {value:.3f} | nll_loss {value - 0.6:.3f} | ppl {2 ** (value - 0.6):.2f} | num_updates {epoch * 350}"
        )
        print(
            f"| epoch {epoch:03d} | valid on 'valid' subset | valid_loss {value + 0.1:.5f} | valid_nll_loss {value - 0.5:.5f} | "
            f"valid_ppl {2 ** (value - 0.5):.2f} | num_updates {epoch * 350}"
        )


def fairseq_json() -> None:
    """fairseq's --log-format json behind its logging prefix (0.10 and later)."""
    for epoch in (1, 2):
        for index in (100, 200, 300):
            update = (epoch - 1) * 350 + index
            value = loss_at(update / 10) * 4
            record = {"epoch": epoch, "update": round(epoch - 1 + index / 350, 3), "loss": f"{value:.3f}"}
            record |= {"ppl": f"{2**value:.2f}", "wps": "35013.2", "num_updates": str(update), "lr": "1.25e-05"}
            print(f"2026-03-02 {clock(index // 5)} | INFO | train_inner | {json.dumps(record)}")
        record = {"epoch": epoch, "valid_loss": f"{value + 0.1:.3f}", "valid_num_updates": str(epoch * 350)}
        print(f"2026-03-02 {clock(99)} | INFO | valid | {json.dumps(record)}")


def detectron2() -> None:
    """detectron2 utils/events.py, CommonMetricPrinter."""
    print("[03/02 10:00:01 d2.engine.train_loop]: Starting training from iteration 0")
    for step in range(19, 200, 20):
        print(
            f"[03/02 {clock(step)} d2.utils.events]:  eta: 0:0{9 - step // 20}:25  iter: {step}  "
            f"total_loss: {loss_at(step) + 0.3:.4g}  loss_cls: {loss_at(step):.4g}  loss_box_reg: {0.3:.4g}  "
            f"time: 0.4585  last_time: 0.4481  data_time: 0.0497  last_data_time: 0.0031   lr: 0.00025  max_mem: 1962M"
        )
    print("[03/02 13:20:01 d2.evaluation.coco_evaluation]: Evaluation results for bbox: ")
    print("|   AP   |  AP50  |  AP75  |  APs   |  APm   |  APl   |")
    print("|:------:|:------:|:------:|:------:|:------:|:------:|")
    print("| 38.412 | 58.777 | 41.031 | 22.104 | 41.972 | 49.505 |")


def mmdetection2() -> None:
    """mmcv's TextLoggerHook (mmdetection 2)."""
    for index in range(50, 301, 50):
        print(
            f"2026-03-02 {clock(index // 10)},649 - mmdet - INFO - Epoch [2][{index}/7330]\tlr: 2.000e-02, "
            f"eta: 1 day, 13:30:44, time: 0.387, data_time: 0.008, memory: 3946, loss_rpn_cls: 0.0989, "
            f"loss_cls: {loss_at(index):.4f}, acc: {93.4961 + index / 100:.4f}, loss_bbox: 0.1484, loss: {loss_at(index) + 0.25:.4f}"
        )


def torchtitan() -> None:
    """pytorch/torchtitan components/metrics.py, with torchrun's rank prefix and its colours."""
    for step in range(10, 101, 10):
        print(
            f"[rank0]:[titan] 2026-03-02 {clock(step)},735 - root - INFO - \x1b[31mstep: {step:2}  "
            f"\x1b[32mloss: {loss_at(step):8.5f}  \x1b[38;2;180;60;0mgrad_norm: {1.1 - step / 200:7.4f}  "
            f"\x1b[38;2;54;234;195mmemory: 49.66GiB(52.28%)  \x1b[34mtps: 5,8{step % 60:02d}  \x1b[36mtflops: 339.16  "
            f"\x1b[35mmfu: 34.29%\x1b[39m"
        )


def timm() -> None:
    """huggingface/pytorch-image-models train.py."""
    for epoch in range(2):
        for index in (0, 50, 100, 149):
            value = loss_at(epoch * 150 + index)
            print(
                f"Train: {epoch} [{index:>4d}/150 ({100.0 * index / 149:>3.0f}%)]  Loss: {value:#.4g} ({value + 0.2:#.3g})  "
                f"Time: 0.312s,  410.26/s  (0.344s,  372.09/s)  LR: 1.000e-05  Data: 0.011 (0.031)"
            )
        value = loss_at(epoch * 150 + 150)
        for index in (0, 9):
            print(
                f"Test: [{index:>4d}/9]  Time: 0.114 (0.114)  Loss: {value:>7.4f} ({value:>6.4f})  "
                f"Acc@1: {70 + epoch:>7.4f} ({71 + epoch:>7.4f})  Acc@5: {90 + epoch:>7.4f} ({91 + epoch:>7.4f})"
            )
        print(f"Current checkpoints:\n ('./output/train/checkpoint-{epoch}.pth.tar', {71.0 + epoch})\n")
    print("*** Best metric: 72.0 (epoch 1)")


def torchvision() -> None:
    """pytorch/vision references, MetricLogger."""
    print("Not using distributed mode")
    for epoch in range(2):
        for index in range(0, 100, 20):
            value = loss_at(epoch * 100 + index)
            print(
                f"Epoch: [{epoch}]  [{index:2d}/100]  eta: 0:00:{99 - index}  lr: 0.1  img/s: 412.7  "
                f"loss: {value:.4f} ({value + 0.11:.4f})  acc1: {80.5 + epoch:.4f} ({79.1:.4f})  time: 0.4123  data: 0.0101  max mem: 3412"
            )
        print(f"Epoch: [{epoch}] Total time: 0:00:41")
        print(
            f"Test:   [ 0/10]  eta: 0:00:03  loss: {value + 0.2:.4f} ({value + 0.2:.4f})  acc1: 78.1 (78.1)  time: 0.3  data: 0.1"
        )
        print(f"Test:  Acc@1 {78.125 + epoch:.3f} Acc@5 {93.75 + epoch:.3f}")


def llmc() -> None:
    """karpathy/llm.c train_gpt2.cu."""
    print("+-----------------------+----------------------------------------------------+")
    print("| Parameter             | Value                                              |")
    print("| learning rate (LR)    | 6.000000e-04                                       |")
    print("| max_steps             | 60                                                 |")
    print("+-----------------------+----------------------------------------------------+")
    print("num_parameters: 124475904 => bytes: 248951808\nallocating 237 MiB for model parameters")
    print(f"val loss {loss_at(0):f}")
    for step in range(1, 61):
        print(
            f"step {step:4d}/60 | loss {loss_at(step):7.6f} ({0.11:+.2f}z)| norm {1.3 - step / 100:6.4f} ({0.31:+.2f}z)| "
            f"lr {6e-4 * step / 60:.2e} | {112.31:.2f} ms | {55.2:.1f}% bf16 MFU | {468001.0 + step:.0f} tok/s"
        )
        if step % 20 == 0:
            print(f"val loss {loss_at(step) + 0.03:f}")
    print("total average iteration time: 112.310010 ms")


def wandb_summary() -> None:
    """What wandb writes after a run's own lines (its docs and issues show it)."""
    for epoch in range(5):
        print(f"Epoch {epoch + 1}/5 - loss: {loss_at(epoch * 20):.4f}, val_acc: {0.6 + epoch / 20:.3f}")
    print("wandb: Waiting for W&B process to finish... (success).\nwandb: \nwandb: Run history:")
    print("wandb:    epoch ▁▃▅▆█\nwandb:     loss █▆▄▂▁\nwandb:  val_acc ▁▃▅▆█\nwandb: \nwandb: Run summary:")
    print(f"wandb:    epoch 5\nwandb:     loss {loss_at(80):.4f}\nwandb:  val_acc 0.8\nwandb: ")
    print("wandb: Synced 5 W&B file(s), 0 media file(s), 2 artifact file(s) and 0 other file(s)")


def paddle() -> None:
    """PaddleDetection ppdet/utils/stats.py."""
    for epoch in range(2):
        for index in (0, 20, 40):
            print(
                f"[03/02 {clock(index)}] ppdet.engine INFO: Epoch: [{epoch}] [{index:2d}/60] learning_rate: 0.000333 "
                f"loss_xy: {loss_at(index) / 3:.6f} loss: {loss_at(epoch * 60 + index):.6f} eta: 0:10:21 batch_cost: 0.9123 "
                f"data_cost: 0.0004 ips: 8.7694 images/s"
            )


def tensorflow1() -> None:
    """tf.estimator's LoggingTensorHook, from memory."""
    print("INFO:tensorflow:Create CheckpointSaverHook.")
    for step in range(0, 501, 100):
        if step:
            print("INFO:tensorflow:global_step/sec: 412.37")
        print(f"INFO:tensorflow:loss = {loss_at(step / 4):.7f}, step = {step} (0.242 sec)")
    print("INFO:tensorflow:Saving dict for global step 500: accuracy = 0.9412, global_step = 500, loss = 0.2113")


def maxtext() -> None:
    """AI-Hypercomputer/maxtext, from memory."""
    for step in range(10):
        print(
            f"completed step: {step}, seconds: 1.{step}12, TFLOP/s/device: 201.123, Tokens/s/device: 8210.{step}21, "
            f"total_weights: 65536, loss: {loss_at(step):.3f}",
            flush=True,
        )


def yolov8() -> None:
    """Ultralytics 8.0 to 8.3, whose bars were tqdm's (the terminal's redraws left out)."""
    for epoch in range(1, 5):
        value = loss_at(epoch * 15)
        print("\n      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size")
        figures = (
            f"{epoch:>8}/4      6.73G {value:>10.4g} {value / 2:>10.4g} {value / 3 + 1:>10.4g}         11        640"
        )
        print(f"{figures}: 100%|██████████| 16/16 [00:05<00:00,  2.83it/s]")
        print(
            "                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): "
            "100%|██████████| 8/8 [00:03<00:00,  2.13it/s]"
        )
        scores = (
            f"{0.8 + epoch / 40:>10.3g} {0.82 + epoch / 50:>10.3g} {0.9 + epoch / 99:>10.3g} {0.5 + epoch / 30:>10.3g}"
        )
        print(f"                   all        722       1444 {scores}")
    print("\n4 epochs completed in 0.012 hours.\nOptimizer stripped from runs/detect/train/weights/last.pt, 6.2MB")


def keras2() -> None:
    """Keras 2's Progbar in a file: a line an update, from memory."""
    for epoch in range(3):
        print(f"Epoch {epoch + 1}/3")
        for index in (1, 13, 25):
            print(keras2_bar(epoch, index) + keras2_end(epoch, index))


def keras2_terminal() -> None:
    """Keras 2's Progbar in a terminal or a notebook: backspaces and a carriage return before an update, from memory."""
    for epoch in range(3):
        print(f"Epoch {epoch + 1}/3")
        width = 0
        for index in (1, 13, 25):
            bar = keras2_bar(epoch, index)
            print("\b" * width + "\r" + bar, end=keras2_end(epoch, index) + "\n" * (index == 25))
            width = len(bar)


def keras2_bar(epoch: int, index: int) -> str:
    step = epoch * 25 + index
    done = "=" * (index * 30 // 25 - 1) + (">" if index < 25 else "=")
    time = "ETA: 0s" if index < 25 else "1s 11ms/step"
    return f"{index:2d}/25 [{done:.<30}] - {time} - loss: {loss_at(step):.4f} - accuracy: {0.5 + step / 200:.4f}"


def keras2_end(epoch: int, index: int) -> str:
    validation = loss_at(epoch * 25 + 25) + 0.1
    return f" - val_loss: {validation:.4f} - val_accuracy: {0.45 + epoch / 10:.4f}" if index == 25 else ""


def cleanrl() -> None:
    """A CleanRL script: one line an episode."""
    for step in range(128, 1400, 137):
        print(f"global_step={step}, episodic_return=[{20 + step / 10:.1f}]\nSPS: {1800 + step}")


def espnet() -> None:
    """ESPnet2's trainer, which names the epoch as it counts batches."""
    for start in range(1, 200, 50):
        print(
            f"[train] 2026-03-02 {clock(start // 4)},111 (trainer:737) INFO: 3epoch:train:{start}-{start + 49}batch: "
            f"iter_time=1.2e-04, forward_time=0.145, loss_ctc={loss_at(start) * 9:.3f}, loss_att={loss_at(start) * 5:.3f}, "
            f"acc={0.6 + start / 900:.3f}, loss={loss_at(start) * 7:.3f}, backward_time=0.096, optim0_lr0=5.200e-05, train_time=0.961"
        )


if __name__ == "__main__":
    globals()[sys.argv[1]]()
